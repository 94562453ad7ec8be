import type { ShadowSlot } from "@amc/schemas/generated/events";
import { shadowRunOf } from "@amc/streams/discovery/shadow-run";
import { shadowSlotFor } from "@amc/streams/testing/candidate-builder";
import { describe, expect, it } from "vitest";
import { shadowRunText } from "./shadow-lines.ts";

const gme = { symbol: "GME", score: 0.8, confidence: 0.6, label: "NONE" } as const;

/** The line of a run of which only the first of so many partitions told. */
function lineOf(partitions: number, known: Partial<ShadowSlot>): string | null {
  const run = shadowRunOf([shadowSlotFor(0, partitions, known)], 100);
  if (run === null) throw new TypeError("no comparison of a part");
  return shadowRunText(run);
}

describe("the line of one comparison", () => {
  it("says of each share that is not known why", () => {
    expect(lineOf(2, { candidates: [gme] })).toMatch(
      / overlap unknown \(partitions-missing\), coverage unknown \(partitions-missing\)/,
    );
    expect(lineOf(1, { shadowCandidates: [gme], scored: 0, scoredByBoth: 0 })).toMatch(
      / overlap unknown \(baseline-listed-nothing\), coverage unknown \(baseline-scored-nothing\)/,
    );
  });

  it("rounds the shares that are known, and is none where neither strategy listed anything", () => {
    const both = { candidates: [gme], shadowCandidates: [gme], scored: 3, scoredByBoth: 1 };
    expect(lineOf(1, both)).toMatch(/: GME; .*: GME; overlap 1\.00, coverage 0\.33/);
    expect(lineOf(1, { candidates: [], shadowCandidates: [] })).toBeNull();
  });
});
