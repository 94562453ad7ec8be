import type { Candidate, Features, SlotClosed, Verdict } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDetectorStage } from "../detectors/detector-stage.ts";
import { DETECTORS } from "../detectors/registry.ts";
import type { AnyEmission, AnyEvent, Outcome } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { DEFAULT_SCORING, type ScoringConfig } from "../scoring/config.ts";
import { STRATEGIES } from "../scoring/strategies/registry.ts";
import { arbitraryFeatures } from "../testing/arbitrary-features.ts";
import { PASSING, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { control, features, tick } from "../testing/slot-events.ts";
import { createVerdictStage } from "./verdict-stage.ts";

/** Passes strict with composite 0.81 and all key providers there. */
const STRONG: Partial<Features> = {
  ...PASSING,
  relvol30: 5.4,
  volumeSpike: 5.4,
  relvol5: 5.4,
  price: 10.3,
  sharesShort: 1e7,
  shortFraction: 0.25,
  daysToCover: 6,
  atmIv: 0.8,
  callPutRatio: 3,
  ivPercentile: 20,
  optionsConfidence: 1,
};

const OPTIONS = { failFast: true, staleness: DEFAULT_STALENESS };

/** One slice at 10:00, the tick before at 09:59. */
function runSlice(
  events: readonly AnyEvent[],
  config: ScoringConfig = DEFAULT_SCORING,
  strategies = STRATEGIES,
  owned = { partition: 0, partitions: 1 },
) {
  const stages = [
    ...DETECTORS.map((detector) => createDetectorStage(detector, OPTIONS)),
    createVerdictStage(config, strategies),
  ];
  const emissions: AnyEmission[] = [];
  const task = new Task({ name: "signals", timed: true, stages }, owned, ({ emission }) =>
    emissions.push(emission),
  );
  const outcomes: Outcome[] = [tick(TEN_O_CLOCK - 60_000, false), ...events, tick(TEN_O_CLOCK)].map(
    (event) => task.step(event),
  );
  return { outcomes, ...sorted(emissions) };
}

function sorted(emissions: readonly AnyEmission[]) {
  const verdicts: Verdict[] = [];
  const candidates: Candidate[] = [];
  const closed: SlotClosed[] = [];
  const ids: string[] = [];
  for (const emission of emissions) {
    if (emission.topic === "signals.verdict.v1") verdicts.push(emission.value);
    if (emission.topic === "discovery.candidate.v1") candidates.push(emission.value);
    if (emission.topic === "ops.slot-closed.v1") closed.push(emission.value);
    ids.push(`${emission.topic}/${emission.id}`);
  }
  return { verdicts, candidates, closed, ids };
}

describe("the verdict stage", () => {
  it("passes a strong symbol on as a candidate with reasons and closes the slot", () => {
    const { verdicts, candidates, closed } = runSlice([features(1, STRONG)]);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]).toMatchObject({
      symbol: "S1",
      passed: true,
      label: "TRADE_READY",
      firstFailure: null,
      floatPath: "small",
      strategy: "unified_detectors",
      profile: "strict",
      evaluable: true,
      priceVolumePassed: true,
    });
    expect(verdicts[0]?.detectionIds).toHaveLength(6);
    expect(verdicts[0]?.reasons.length).toBeGreaterThanOrEqual(3);
    expect(verdicts[0]?.reasons[0]).toBe("volume 5.4x what is usual by 10:00");
    expect(candidates[0]).toMatchObject({
      symbol: "S1",
      slot: TEN_O_CLOCK,
      tradingDay: "2021-01-13",
      listed: true,
      squeezeLabel: "HYBRID_SQUEEZE:EXPLOSIVE",
    });
    expect(closed).toHaveLength(1);
    expect(closed[0]).toMatchObject({ trigger: "SLOT", universe: 1, passed: 1, listed: 1 });
  });

  it("scores 0 and names the first gate when one fails, yet keeps the composite", () => {
    const { verdicts, candidates, closed } = runSlice([
      features(1, { ...STRONG, relvol30: 2.4, rsi14: 75 }),
    ]);
    expect(candidates).toEqual([]);
    expect(verdicts[0]).toMatchObject({
      passed: false,
      score: 0,
      label: "NONE",
      firstFailure: "min_relvol_30",
      priceVolumePassed: false,
    });
    expect(verdicts[0]?.rawScore).toBeGreaterThan(0.5);
    const counted = closed[0]?.eliminations.filter(({ all }) => all > 0);
    expect(counted).toEqual([
      { gate: "min_relvol_30", first: 1, all: 1 },
      { gate: "rsi_band", first: 0, all: 1 },
    ]);
  });

  it("takes eliminations and passes to the size of the universe", () => {
    fc.assert(
      fc.property(fc.array(arbitraryFeatures, { maxLength: 12 }), (many) => {
        const events = many.map((each, index) => features(index, { ...each, symbol: `S${index}` }));
        const { closed } = runSlice([...events, features(99, STRONG)]);
        const [marker] = closed;
        const first = marker?.eliminations.reduce((sum, each) => sum + each.first, 0) ?? 0;
        expect(first + (marker?.passed ?? 0)).toBe(many.length + 1);
        expect(marker?.universe).toBe(many.length + 1);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps every verdict between 0 and 1 and passes none that a hard gate failed", () => {
    fc.assert(
      fc.property(arbitraryFeatures, (each) => {
        const [verdict] = runSlice([features(1, each)]).verdicts;
        expect(verdict).toBeDefined();
        if (verdict === undefined) return;
        for (const value of [verdict.score, verdict.confidence, verdict.rawScore ?? 0]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(verdict.passed).toBe(verdict.gates.every(({ outcome }) => outcome !== "FAILED"));
      }),
    );
  });

  it("is more confident the more is known", () => {
    const all = runSlice([features(1, STRONG)]).verdicts[0];
    const less = runSlice([features(1, { ...STRONG, shortFraction: null, daysToCover: null })]);
    expect(less.verdicts[0]?.confidence).toBeLessThan(all?.confidence ?? 0);
    expect(less.verdicts[0]?.missing.map(({ feature }) => feature)).toContain("shortFraction");
  });

  it("answers a crossing with a verdict alone", () => {
    const { verdicts, candidates, closed } = runSlice([
      features(1, { ...STRONG, trigger: "CROSSING", slot: null }),
    ]);
    expect(verdicts).toHaveLength(1);
    expect(candidates).toEqual([]);
    expect(closed[0]?.universe).toBe(0);
  });

  it("closes a slot on a partition without symbols", () => {
    const { closed } = runSlice([], DEFAULT_SCORING, STRATEGIES, { partition: 3, partitions: 4 });
    expect(closed[0]).toMatchObject({ partition: 3, partitions: 4, universe: 0, passed: 0 });
  });

  it("does not depend on the order of symbols, and not on the partition", () => {
    const many = [
      features(1, STRONG),
      features(2, { ...STRONG, relvol30: 3.1 }),
      features(3, PASSING),
    ];
    const forwards = runSlice(many);
    const backwards = runSlice(many.toReversed());
    expect(backwards.ids.toSorted()).toEqual(forwards.ids.toSorted());
    expect(backwards.closed).toEqual(forwards.closed);
    const elsewhere = runSlice(many, DEFAULT_SCORING, STRATEGIES, { partition: 2, partitions: 12 });
    expect(elsewhere.verdicts).toEqual(forwards.verdicts);
    expect(elsewhere.candidates).toEqual(forwards.candidates);
  });

  it("takes detections and features in any order, each once", () => {
    const event = features(1, STRONG);
    const emissions: AnyEmission[] = [];
    for (const detector of DETECTORS) {
      const emit = (emission: AnyEmission) => emissions.push(emission);
      createDetectorStage(detector, OPTIONS)
        .init({ partition: 0, partitions: 1, emit })
        .step(event);
    }
    const expected = runSlice([event]).verdicts;
    const order = fc.shuffledSubarray([event, ...emissions], {
      minLength: emissions.length + 1,
    });
    fc.assert(
      fc.property(order, order, (first, second) => {
        const found: AnyEmission[] = [];
        const task = createVerdictStage(DEFAULT_SCORING).init({
          partition: 0,
          partitions: 1,
          emit: (emission) => found.push(emission),
        });
        for (const each of [...first, ...second]) task.step(each);
        expect(sorted(found).verdicts).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("stops when a detector never answered, rather than close a slot without it", () => {
    const task = createVerdictStage(DEFAULT_SCORING).init({
      partition: 0,
      partitions: 1,
      emit: () => undefined,
    });
    task.step(features(1, STRONG));
    expect(task.step(tick(TEN_O_CLOCK))).toEqual({
      type: "stop",
      reason: "verdict.detections-missing:1",
    });
  });
});

describe("settings and sessions", () => {
  it("a control event changes preset and version from the tick that covers it", () => {
    const before = runSlice([features(1, STRONG)]);
    const after = runSlice([control("preset", "catalyst_heavy"), features(1, STRONG)]);
    expect(after.closed[0]?.preset).toBe("catalyst_heavy");
    expect(after.verdicts[0]?.configVersion).not.toBe(before.verdicts[0]?.configVersion);
    expect(after.ids).not.toEqual(before.ids);
  });

  it("the fallback strategy can be chosen by a control event", () => {
    const { verdicts } = runSlice([control("strategy", "hybrid_v1"), features(1, STRONG)]);
    expect(verdicts[0]?.strategy).toBe("hybrid_v1");
    expect(verdicts[0]?.tags).not.toContain("fallback-from:unified_detectors");
  });

  it("a symbol that its slot left out has no verdict and is counted once, with the floor", () => {
    const floor = control("universe", "5000000");
    const out = features(2, { ...STRONG, flags: ["universe-reduced"] });
    const { verdicts, candidates, closed } = runSlice([floor, features(1, STRONG), out, out]);
    expect(verdicts.map(({ symbol }) => symbol)).toEqual(["S1"]);
    expect(candidates.map(({ symbol }) => symbol)).toEqual(["S1"]);
    const reduction = { floorUsd: 5e6, leftOut: 1 };
    expect(closed[0]).toMatchObject({ universe: 1, passed: 1, reduction });
    expect(runSlice([features(1, STRONG)]).closed[0]?.reduction).toBeNull();
  });

  it("discovery switched off closes no slot and passes no candidate on", () => {
    const { candidates, closed } = runSlice([control("discovery", "false"), features(1, STRONG)]);
    expect([candidates, closed]).toEqual([[], []]);
  });

  it("a daily bar without VWAP passes with less confidence", () => {
    const at = newYorkToUtc("2021-01-13", "16:00");
    const daily = { ...STRONG, happenedAt: at, trigger: "DAILY", intraday: false } as const;
    const run = (known: Partial<Features>) => {
      const stages = [
        ...DETECTORS.map((detector) => createDetectorStage(detector, OPTIONS)),
        createVerdictStage(DEFAULT_SCORING),
      ];
      const emissions: AnyEmission[] = [];
      const task = new Task(
        { name: "signals", timed: true, stages },
        { partition: 0, partitions: 1 },
        ({ emission }) => emissions.push(emission),
      );
      for (const event of [tick(at - 1, false), features(1, known), tick(at)]) task.step(event);
      return sorted(emissions);
    };
    const { verdicts, candidates, closed } = run({ ...daily, vwap: null });
    expect(candidates).toHaveLength(1);
    expect(closed.map(({ trigger, universe }) => [trigger, universe])).toEqual([
      ["DAILY", 1],
      ["SLOT", 0],
    ]);
    expect(verdicts[0]).toMatchObject({ passed: true, evaluable: false });
    expect(verdicts[0]?.gates[3]?.outcome).toBe("NOT_APPLICABLE");
    const withVwap = run(daily).verdicts[0]?.confidence ?? 0;
    expect(verdicts[0]?.confidence).toBeLessThanOrEqual(withVwap * 0.7 + 1e-9);
  });
});

describe("emergency fallback", () => {
  const broken = {
    ...STRATEGIES,
    unified_detectors: {
      ...STRATEGIES.unified_detectors,
      evaluate: () => {
        throw new RangeError("planted");
      },
    },
  };

  it("still gives verdicts and candidates, scored and marked by the fallback", () => {
    const { verdicts } = runSlice([features(1, STRONG)], DEFAULT_SCORING, broken);
    expect(verdicts[0]).toMatchObject({
      strategy: "hybrid_v1",
      passed: true,
      tags: ["fallback-from:unified_detectors"],
    });
  });

  it("is off when configured so: the error reaches the runtime", () => {
    const config = { ...DEFAULT_SCORING, emergencyFallback: false };
    expect(() => runSlice([features(1, STRONG)], config, broken)).toThrow("planted");
  });
});
