import { decodeEvent } from "@amc/schemas/codec";
import { technicals } from "@amc/streams/detectors/technicals/detect";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { describe, expect, it } from "vitest";
import { findLookAhead, rewriteAfter } from "./look-ahead.ts";
import { replayTopology, withDetector } from "./replay-topologies.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice } from "./slices.ts";

const FACTS: readonly FactSlice[] = [
  ...simulatedMarket({ symbols: 30, warmupSessions: 105, sessions: 1, minutes: 60, seed: 5 }),
];
/** An instant of the running session with slots before and after it. */
const T = FACTS.at(-25)?.atMs ?? 0;
const JUDGES = /^(detector|gate|scorer) /;

/** Mean of all closes that are published after T: nobody can know it at T. */
function futureCloses(facts: readonly FactSlice[]): number {
  let sum = 0;
  let count = 0;
  for (const { topic, publishedAt, append } of facts.flatMap((slice) => slice.facts)) {
    if (topic !== "market.price-tick.v1" || publishedAt <= T || append.value === null) continue;
    const decoded = decodeEvent(topic, append.value);
    if (!decoded.ok) continue;
    sum += decoded.value.close;
    count += 1;
  }
  return sum / count;
}

describe("look-ahead", () => {
  it("finds that no detector, gate or scorer changes when every later fact does", async () => {
    for (const strategy of ["unified_detectors", "hybrid_v1", "legacy_v0"] as const) {
      const topology = replayTopology({ ...DEFAULT_SCORING, strategy, profile: "proposed" });
      const findings = await findLookAhead(FACTS, T, () => topology);
      expect(findings.filter(({ changed }) => changed > 0)).toEqual([]);
      const judges = findings.filter(({ judge, outputs }) => JUDGES.test(judge) && outputs > 50);
      // Six detectors, at least the gates of the strict list, and the scorer itself.
      expect(judges.length).toBeGreaterThanOrEqual(6 + 8 + 1);
    }
  });

  it("really changes the future it compares with", () => {
    const rewritten = rewriteAfter(FACTS, T, 1);
    const valuesUntil = (facts: readonly FactSlice[], late: boolean) =>
      facts
        .flatMap((slice) => slice.facts)
        .filter(({ publishedAt }) => publishedAt > T === late)
        .map(({ append }) => Buffer.from(append.value ?? []).toString("hex"));
    expect(valuesUntil(rewritten, false)).toEqual(valuesUntil(FACTS, false));
    const before = new Set(valuesUntil(FACTS, true));
    const kept = valuesUntil(rewritten, true).filter((value) => before.has(value));
    expect(kept.length).toBeLessThan(before.size / 100);
  });

  it("catches a planted detector that reads tomorrow's prices (control)", async () => {
    const findings = await findLookAhead(FACTS, T, (facts) => {
      const future = futureCloses(facts);
      const cheater = {
        ...technicals,
        detect: (features: Parameters<typeof technicals.detect>[0]) => ({
          ...technicals.detect(features),
          score: Math.min(1, future / 100),
        }),
      };
      return withDetector(replayTopology(), cheater);
    });
    const caught = findings.filter(({ changed }) => changed > 0).map(({ judge }) => judge);
    expect(caught).toContain("detector technicals");
    expect(caught).not.toContain("detector squeeze");
  });
});
