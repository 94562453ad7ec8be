import type { ShadowRun, ShadowSlot } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { shadowSlotFor } from "../testing/candidate-builder.ts";
import { shadowRunOf } from "./shadow-run.ts";
import { ShadowTotals } from "./shadow-totals.ts";

const listed = (symbols: string) =>
  symbols
    .split("")
    .map((symbol) => ({ symbol, score: 0.8, confidence: 0.6, label: "NONE" }) as const);

function compared(baseline: string, shadow: string, known: Partial<ShadowSlot> = {}): ShadowRun {
  const lists = { candidates: listed(baseline), shadowCandidates: listed(shadow) };
  const run = shadowRunOf([shadowSlotFor(0, 1, { ...lists, ...known })], 100);
  if (run === null) throw new TypeError("no comparison of a part");
  return run;
}

function totalsOf(runs: readonly ShadowRun[]) {
  const totals = new ShadowTotals();
  for (const run of runs) totals.take(run);
  return totals.totals();
}

describe("comparisons added up", () => {
  const runs = [
    compared("ABCDEFGH", "ABCD"),
    compared("AB", "AB", { scored: 10, scoredByBoth: 8, shadowFailed: 2 }),
    compared("", "A", { simulated: true }),
  ];

  it("are the shares of all their candidates and symbols, beside the runs that reach the targets", () => {
    expect(totalsOf(runs)).toEqual([
      {
        ...{ strategy: "unified_detectors", shadowStrategy: "legacy_v0", profile: "strict" },
        runs: 3,
        overlap: { share: 0.6, runs: 2, reached: 1, unknown: { "baseline-listed-nothing": 1 } },
        coverage: { share: 28 / 30, runs: 3, reached: 2, unknown: {} },
        ...{ evaluated: 30, shadowFailed: 2, simulated: true },
      },
    ]);
  });

  it("are the same in any order, and apart by strategies and profile", () => {
    const other = compared("A", "", { strategy: "hybrid_v1" });
    const active = compared("A", "A", { profile: "active" });
    const all = [...runs, other, active];
    const totals = totalsOf(all);
    expect(totalsOf(all.toReversed())).toEqual(totals);
    expect(
      totals.map(({ strategy, profile, overlap }) => [strategy, profile, overlap.share]),
    ).toEqual([
      ["hybrid_v1", "strict", 0],
      ["unified_detectors", "active", 1],
      ["unified_detectors", "strict", 0.6],
    ]);
  });

  it("have no share where no run has one", () => {
    const [total] = totalsOf([compared("", "")]);
    expect(total?.overlap).toEqual({
      ...{ share: null, runs: 0, reached: 0, unknown: { "baseline-listed-nothing": 1 } },
    });
    expect(totalsOf([])).toEqual([]);
  });
});
