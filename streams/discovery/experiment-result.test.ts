import type { ExperimentResult, Exposure, SlotClosed } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { candidateFor, slotClosedFor } from "../testing/candidate-builder.ts";
import { createDiscoveryStage } from "./discovery-stage.ts";

const EXPOSURE: Exposure = { name: "rollout", bucket: 12, subjectHash: "ab".repeat(32) };
const ARM = { strategy: "legacy_v0", experiment: EXPOSURE } as const;

function closed(partition: number, passed: number, known: Partial<SlotClosed> = {}): AnyEvent {
  const value = slotClosedFor(partition, 2, passed, { ...ARM, ...known });
  return { topic: "ops.slot-closed.v1", id: `closed-${partition}`, key: value.tradingDay, value };
}

function candidate(...[symbol, known]: Parameters<typeof candidateFor>): AnyEvent {
  const value = candidateFor(symbol, { strategy: "legacy_v0", ...known });
  return { topic: "discovery.candidate.v1", id: symbol, key: value.tradingDay, value };
}

const SLOT = [
  candidate("AAA", { score: 0.9, confidence: 0.8, label: "TRADE_READY" }),
  candidate("BBB", { score: 0.7, confidence: 0.6 }),
  candidate("CCC", { score: 0.5, confidence: 0.4, label: "NONE", strategy: "hybrid_v1" }),
  closed(0, 2),
  closed(1, 1),
];

function play(events: readonly AnyEvent[]) {
  const emissions: AnyEmission[] = [];
  const context = { partition: 0, partitions: 1, emit: (one: AnyEmission) => emissions.push(one) };
  const task = createDiscoveryStage({ maxCandidates: 2, configuredUniverse: 20 }).init(context);
  for (const event of events) task.step(event);
  const results: ExperimentResult[] = [];
  for (const { topic, value } of emissions) {
    if (topic === "experiments.result.v1" && "experiment" in value && "runId" in value) {
      results.push(value);
    }
  }
  return { emissions, results };
}

describe("the result of a run under an experiment (R-ABT-05)", () => {
  it("says which arm found what, and by how much each metric", () => {
    const { emissions, results } = play(SLOT);
    expect(emissions.map(({ topic }) => topic).slice(0, 2)).toEqual([
      "discovery.run.v1",
      "experiments.result.v1",
    ]);
    const [run] = emissions;
    expect(results).toEqual([
      expect.objectContaining({
        experiment: "rollout",
        strategy: "legacy_v0",
        bucket: 12,
        subjectHash: EXPOSURE.subjectHash,
        runId: run?.id,
        candidates: 3,
        fallbackCandidates: 0,
      }),
    ]);
    const metrics = results[0]?.metrics.map(({ name, value, reason }) => [name, value, reason]);
    expect(metrics).toEqual([
      ["candidates", 3, null],
      ["trade_ready", 1, null],
      ["watchlist", 1, null],
      // Of the two that the cap leaves.
      ["top_score", 0.9, null],
      ["mean_score", 0.8, null],
      ["mean_confidence", 0.7, null],
    ]);
  });

  it("says why a run without candidates has no scores", () => {
    const [result] = play([closed(0, 0), closed(1, 0)]).results;
    expect(result?.metrics.slice(2)).toEqual([
      { name: "watchlist", value: 0, reason: null },
      { name: "top_score", value: null, reason: "no-candidates" },
      { name: "mean_score", value: null, reason: "no-candidates" },
      { name: "mean_confidence", value: null, reason: "no-candidates" },
    ]);
  });

  it("counts ranked candidates that the fallback scored because the arm failed", () => {
    const events = [candidate("AAA", { strategy: "hybrid_v1" }), closed(0, 1), closed(1, 0)];
    expect(play(events).results[0]?.fallbackCandidates).toBe(1);
  });

  it("counts candidates before the cap, and labels and the fallback after it", () => {
    const events = SLOT.map((event) =>
      event.id === "CCC"
        ? candidate("CCC", {
            score: 0.5,
            confidence: 0.4,
            label: "TRADE_READY",
            strategy: "hybrid_v1",
          })
        : event,
    );
    const [result] = play(events).results;
    expect(result).toMatchObject({ candidates: 3, fallbackCandidates: 0 });
    expect(result?.metrics.slice(0, 3)).toMatchObject([{ value: 3 }, { value: 1 }, { value: 1 }]);
  });

  it("does not depend on the order in which the parts of the slot come", () => {
    const expected = play(SLOT).emissions;
    const order = fc.shuffledSubarray(SLOT, { minLength: SLOT.length });
    fc.assert(
      fc.property(order, (events) => {
        expect(play(events).emissions).toEqual(expected);
      }),
    );
  });

  it.each([
    ["was under none", [closed(0, 0, { experiment: null }), closed(1, 0, { experiment: null })]],
    ["was under one in some partitions only", [closed(0, 0, { experiment: null }), closed(1, 0)]],
    [
      "was judged by another configuration in one",
      [closed(0, 0, { configVersion: "x" }), closed(1, 0)],
    ],
    ["was marked before there were experiments", [beforeExperiments(0), beforeExperiments(1)]],
  ])("is not told of a run that %s, and the run is", (_, events) => {
    const { emissions, results } = play(events);
    expect(results).toEqual([]);
    expect(emissions.map(({ topic }) => topic)).toEqual(["discovery.run.v1"]);
  });
});

/** As state holds it that an earlier version has stored. */
function beforeExperiments(partition: number): AnyEvent {
  const event = closed(partition, 0);
  if (event.topic !== "ops.slot-closed.v1") throw new Error("another event");
  const { experiment: _, ...earlier } = event.value;
  const value: SlotClosed = JSON.parse(JSON.stringify(earlier));
  return { ...event, value };
}
