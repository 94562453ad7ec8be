import type { ShadowCandidate, ShadowSlot } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shadowSlotFor } from "../testing/candidate-builder.ts";
import { runIdOf } from "./run-id.ts";
import { shadowRunOf } from "./shadow-run.ts";

const found = (...symbols: readonly string[]): ShadowCandidate[] =>
  symbols.map((symbol, index) => ({
    ...{ symbol, score: 0.9 - index / 100, confidence: 0.6, label: "WATCHLIST" },
  }));

/** A run of one partition that listed these, with what the shadow would list. */
const listing = (baseline: readonly string[], shadow: readonly string[]): ShadowSlot =>
  shadowSlotFor(0, 1, {
    ...{ listed: baseline.length, candidates: found(...baseline) },
    ...{ shadowListed: shadow.length, shadowCandidates: found(...shadow) },
  });

const ratiosOf = (parts: readonly ShadowSlot[]) => {
  const compared = shadowRunOf(parts, 100);
  if (compared === null) return null;
  const { overlap, overlapReason, overlapReached } = compared;
  const { coverage, coverageReason, coverageReached } = compared;
  return {
    overlap: [overlap, overlapReason, overlapReached],
    coverage: [coverage, coverageReason, coverageReached],
  };
};

describe("a comparison of a run with its shadow", () => {
  it.each([
    [["A", "B", "C", "D"], ["D", "C", "B", "X", "Y"], 0.75, true],
    [["A", "B", "C", "D"], ["A", "B"], 0.5, false],
    [["A", "B"], [], 0, false],
    [["A"], ["A", "B", "C"], 1, true],
  ])("of %j and %j overlaps by the share of the baseline", (baseline, shadow, overlap, reached) => {
    expect(ratiosOf([listing(baseline, shadow)])?.overlap).toEqual([overlap, null, reached]);
  });

  it.each([
    [100, 90, 0.9, true],
    [100, 89, 0.89, false],
    [1, 0, 0, false],
  ])("of %i scored symbols covers the %i that both scored", (scored, both, coverage, reached) => {
    const part = shadowSlotFor(0, 1, { scored, scoredByBoth: both });
    expect(ratiosOf([part])?.coverage).toEqual([coverage, null, reached]);
  });

  it("knows neither share of nothing, and says why", () => {
    const nothing = { scored: 0, shadowScored: 4, scoredByBoth: 0 };
    const part = { ...listing([], ["A"]), ...nothing };
    expect(ratiosOf([part])).toEqual({
      overlap: [null, "baseline-listed-nothing", null],
      coverage: [null, "baseline-scored-nothing", null],
    });
  });

  it("tells no share for all where a partition is missing or judged by another configuration", () => {
    const part = { ...listing(["A"], ["A"]), partitions: 2 };
    expect(ratiosOf([part])).toEqual({
      overlap: [null, "partitions-missing", null],
      coverage: [null, "partitions-missing", null],
    });
    expect(shadowRunOf([part], 100)?.missingPartitions).toBe(1);
    const other = shadowSlotFor(1, 2, { configVersion: "version-0" });
    expect(ratiosOf([part, other])?.overlap).toEqual([null, "partitions-differ", null]);
    expect(shadowRunOf([part, other], 100)?.configVersion).toBe("version-0");
  });

  it("names the run, and the run that it would be", () => {
    const part = shadowSlotFor(0, 1);
    const compared = shadowRunOf([part], 100);
    expect(compared?.runId).toBe(runIdOf(part));
    expect(compared?.shadowRunId).toBe(
      runIdOf({ ...part, strategy: "legacy_v0", configVersion: "version-2" }),
    );
    expect(shadowRunOf([], 100)).toBeNull();
  });

  it("has the mark of what is simulated, and the times of partitions that had symbols", () => {
    const idle = shadowSlotFor(0, 2, { universe: 0, publishedAt: 9e12, capturedAt: 9e12 });
    const other = shadowSlotFor(1, 2, { simulated: true });
    const { simulated, publishedAt } = shadowRunOf([idle, other], 100) ?? {};
    expect([simulated, publishedAt]).toEqual([true, other.publishedAt]);
  });

  it("does not depend on the order of its parts or on how symbols are shared among partitions", () => {
    const market = fc.uniqueArray(
      fc.record({
        symbol: fc.stringMatching(/^[A-Z]{1,4}$/),
        score: fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4),
        confidence: fc.constantFrom(0.4, 0.5),
        listed: fc.boolean(),
        shadowListed: fc.boolean(),
        partition: fc.nat(3),
      }),
      { selector: ({ symbol }) => symbol, maxLength: 20 },
    );
    const CAP = 5;
    fc.assert(
      fc.property(market, fc.boolean(), (symbols, isReversed) => {
        const partOf = (partition: number, partitions: number): ShadowSlot => {
          const own = symbols.filter((one) => partitions === 1 || one.partition === partition);
          const list = (isIn: (one: (typeof own)[number]) => boolean): ShadowCandidate[] =>
            own.filter(isIn).map(({ symbol, score, confidence }) => ({
              ...{ symbol, score, confidence, label: "NONE" },
            }));
          const counts = { universe: own.length, scored: own.length, scoredByBoth: own.length };
          const candidates = list(({ listed }) => listed);
          const shadowCandidates = list(({ shadowListed }) => shadowListed);
          return shadowSlotFor(partition, partitions, {
            ...{ ...counts, shadowScored: own.length, candidates, shadowCandidates },
            ...{ listed: candidates.length, shadowListed: shadowCandidates.length },
          });
        };
        const shared = [0, 1, 2, 3].map((partition) => partOf(partition, 4));
        const alone = shadowRunOf([partOf(0, 1)], CAP);
        expect(shadowRunOf(isReversed ? shared.reverse() : shared, CAP)).toEqual(alone);
        expect(alone?.candidates.length).toBeLessThanOrEqual(CAP);
      }),
    );
  });
});
