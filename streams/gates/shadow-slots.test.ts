import type { Features, ShadowSlot } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { createDetectorStage } from "../detectors/detector-stage.ts";
import { DETECTORS } from "../detectors/registry.ts";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { configVersionOf, DEFAULT_SCORING, type ScoringConfig } from "../scoring/config.ts";
import { STRATEGIES } from "../scoring/strategies/registry.ts";
import type { Strategy } from "../scoring/strategies/strategy.ts";
import { PASSING, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { control, features as featuresBySymbol, tick } from "../testing/slot-events.ts";
import { createVerdictStage } from "./verdict-stage.ts";

const SHADOWED: ScoringConfig = { ...DEFAULT_SCORING, shadow: "hybrid_v1" };
const OPTIONS = { failFast: true, staleness: DEFAULT_STALENESS };

const features = (id: number, known: Partial<Features> = {}): AnyEvent =>
  featuresBySymbol(id, { ...PASSING, relvol30: 5.4, ...known });

const BROKEN: typeof STRATEGIES = {
  ...STRATEGIES,
  hybrid_v1: {
    ...STRATEGIES.hybrid_v1,
    evaluate: () => {
      throw new RangeError("planted");
    },
  },
};

/** One slice at 10:00, the tick before at 09:59. */
function slice(
  events: readonly AnyEvent[],
  config: ScoringConfig,
  strategies = STRATEGIES,
): AnyEmission[] {
  const stages = [
    ...DETECTORS.map((detector) => createDetectorStage(detector, OPTIONS)),
    createVerdictStage(config, strategies),
  ];
  const emissions: AnyEmission[] = [];
  const owned = { partition: 0, partitions: 1 };
  const task = new Task({ name: "signals", timed: true, stages }, owned, ({ emission }) =>
    emissions.push(emission),
  );
  const day = [tick(TEN_O_CLOCK - 60_000, false), ...events, tick(TEN_O_CLOCK)];
  for (const event of day) task.step(event);
  return emissions;
}

const partsOf = (emissions: readonly AnyEmission[]): ShadowSlot[] =>
  emissions.flatMap((one) => (one.topic === "ops.shadow-slot.v1" ? [one.value] : []));

const othersOf = (emissions: readonly AnyEmission[]): AnyEmission[] =>
  emissions.filter(({ topic }) => topic !== "ops.shadow-slot.v1");

describe("a shadow strategy in the verdict stage", () => {
  const market = [features(1), features(2, { rsi14: 75 }), features(3)];

  it("tells what both strategies made of a slot, beside what would have come without it", () => {
    const emissions = slice(market, SHADOWED);
    expect(othersOf(emissions)).toEqual(slice(market, DEFAULT_SCORING));
    const inForce = { ...DEFAULT_SCORING, strategy: "hybrid_v1" } as const;
    expect(partsOf(emissions)).toMatchObject([
      {
        ...{ strategy: "unified_detectors", shadowStrategy: "hybrid_v1" },
        configVersion: configVersionOf(DEFAULT_SCORING),
        shadowConfigVersion: configVersionOf(inForce),
        ...{ universe: 3, scored: 3, shadowScored: 3, scoredByBoth: 3, shadowFailed: 0 },
        ...{ listed: 2, candidates: [{ symbol: "S1" }, { symbol: "S3" }] },
      },
    ]);
    const scores = slice(market, inForce).flatMap((one) =>
      one.topic === "discovery.candidate.v1" ? [one.value.score] : [],
    );
    const [part] = partsOf(emissions);
    expect(part?.shadowCandidates.map(({ score }) => score)).toEqual(scores);
  });

  it("counts where it throws, and takes no fallback for it: the slot closes as ever (R-ABT-08)", () => {
    const emissions = slice(market, SHADOWED, BROKEN);
    expect(othersOf(emissions)).toEqual(slice(market, DEFAULT_SCORING));
    expect(partsOf(emissions)).toMatchObject([
      { scored: 3, shadowScored: 0, scoredByBoth: 0, shadowFailed: 3, shadowCandidates: [] },
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, -0.1, -0])(
    "counts as failed where it scores %d, which no event could tell",
    (score) => {
      const evaluate: Strategy["evaluate"] = (input) => ({
        ...STRATEGIES.hybrid_v1.evaluate(input),
        score,
      });
      const odd = { ...STRATEGIES, hybrid_v1: { ...STRATEGIES.hybrid_v1, evaluate } };
      const emissions = slice(market, SHADOWED, odd);
      expect(othersOf(emissions)).toEqual(slice(market, DEFAULT_SCORING));
      expect(partsOf(emissions)).toMatchObject([{ shadowScored: 0, shadowFailed: 3 }]);
    },
  );

  it("is not compared with what the fallback scored, which may be its own score", () => {
    const { evaluate } = BROKEN.hybrid_v1;
    const unified_detectors = { ...STRATEGIES.unified_detectors, evaluate };
    const emissions = slice(market, SHADOWED, { ...STRATEGIES, unified_detectors });
    expect(othersOf(emissions).some(({ topic }) => topic === "discovery.candidate.v1")).toBe(true);
    expect(partsOf(emissions)).toMatchObject([
      { scored: 0, scoredByBoth: 0, shadowScored: 3, listed: 0, candidates: [], shadowListed: 2 },
    ]);
  });

  it("is left out where an operator put it in force, and compared with any other", () => {
    const switched = [control("strategy", "hybrid_v1"), ...market];
    expect(partsOf(slice(switched, SHADOWED))).toEqual([]);
    const other = [control("strategy", "legacy_v0"), ...market];
    expect(partsOf(slice(other, SHADOWED))).toMatchObject([
      { strategy: "legacy_v0", shadowStrategy: "hybrid_v1" },
    ]);
  });

  it("lists no more than a run does, the best first", () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      features(index + 1, { relvol30: 3 + index / 4 }),
    );
    const [part] = partsOf(slice(many, { ...SHADOWED, maxCandidates: 5 }));
    for (const { scores, count } of [
      { scores: part?.candidates.map(({ score }) => score) ?? [], count: part?.listed },
      { scores: part?.shadowCandidates.map(({ score }) => score) ?? [], count: part?.shadowListed },
    ]) {
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect([scores.length, count]).toEqual([5, 20]);
    }
  });

  it("judges a crossing once: it becomes part of no run", () => {
    const crossing = features(1, { trigger: "CROSSING", slot: null, crossings: ["price>=10"] });
    expect(partsOf(slice([crossing], SHADOWED))).toMatchObject([{ universe: 0, scored: 0 }]);
  });
});
