import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STRATEGY_NAMES } from "../scoring/strategies/strategy.ts";
import { armOf, bucketOf, trafficSplitOf } from "./traffic-split.ts";

const DEFAULT = trafficSplitOf([
  ["unified_detectors", 80],
  ["hybrid_v1", 0],
  ["legacy_v0", 20],
]);

function armsOf(split: typeof DEFAULT) {
  if (split === null) throw new Error("no split");
  return split;
}

describe("the traffic split", () => {
  it.each([
    // TV-AB-01.
    ["req-0001", 12, "legacy_v0"],
    ["req-0002", 40, "unified_detectors"],
    ["req-0003", 88, "unified_detectors"],
    ["req-0004", 51, "unified_detectors"],
  ])("puts %s into bucket %d and so to %s (TV-AB-01)", (subject, bucket, strategy) => {
    expect(bucketOf(subject, "unified_v1_rollout")).toBe(bucket);
    expect(armOf(bucket, armsOf(DEFAULT))).toBe(strategy);
  });

  it("gives the first arm 1,947 of 10,000 subjects at 20 percent (TV-AB-02)", () => {
    const counts = new Map<string | null, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const subject = `req-${String(index).padStart(5, "0")}`;
      const arm = armOf(bucketOf(subject, "unified_v1_rollout"), armsOf(DEFAULT));
      counts.set(arm, (counts.get(arm) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ legacy_v0: 1947, unified_detectors: 8053 });
  });

  it("does not hang on the order in which the arms are given, and leaves out those without traffic", () => {
    expect(DEFAULT).toEqual([
      { strategy: "legacy_v0", weight: 20 },
      { strategy: "unified_detectors", weight: 80 },
    ]);
    const arms = fc.shuffledSubarray([...armsOf(DEFAULT)], { minLength: 2 });
    fc.assert(
      fc.property(arms, (shuffled) => {
        const weights = shuffled.map(({ strategy, weight }) => [strategy, weight] as const);
        expect(trafficSplitOf(weights)).toEqual(DEFAULT);
      }),
    );
  });

  it("gives every bucket one arm, and every arm as many buckets as its weight", () => {
    const weights = fc
      .tuple(fc.nat(100), fc.nat(100))
      .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const)
      .map(([low, high]) => [low, high - low, 100 - high]);
    fc.assert(
      fc.property(weights, (drawn) => {
        const given = STRATEGY_NAMES.map((name, index) => [name, drawn[index] ?? 0] as const);
        const split = armsOf(trafficSplitOf(given));
        const buckets = Array.from({ length: 100 }, (_, bucket) => armOf(bucket, split));
        for (const [name, weight] of given) {
          expect(buckets.filter((arm) => arm === name)).toHaveLength(weight);
        }
        expect(armOf(100, split)).toBeNull();
      }),
    );
  });

  it.each([
    ["sums to 90", [["unified_detectors", 90]]],
    ["names a stranger", [["magic", 100]]],
    [
      "names one twice",
      [
        ["hybrid_v1", 50],
        ["hybrid_v1", 50],
      ],
    ],
    [
      "halves a percent",
      [
        ["hybrid_v1", 50.5],
        ["legacy_v0", 49.5],
      ],
    ],
    [
      "is negative",
      [
        ["hybrid_v1", -1],
        ["legacy_v0", 101],
      ],
    ],
    ["is empty", []],
  ] as const)("is none when it %s", (_, weights) => {
    expect(trafficSplitOf(weights)).toBeNull();
  });
});
