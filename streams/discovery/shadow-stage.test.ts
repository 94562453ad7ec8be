import type { ShadowRun, ShadowSlot } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyEmission, Outcome } from "../kernel/stage.ts";
import { shadowSlotFor } from "../testing/candidate-builder.ts";
import { createShadowStage } from "./shadow-stage.ts";

const MINUTE_MS = 60_000;
const START = shadowSlotFor(0, 1).slot;

const at = (minute: number, partition: number, partitions = 2): ShadowSlot =>
  shadowSlotFor(partition, partitions, {
    slot: START + minute * MINUTE_MS,
    happenedAt: START + minute * MINUTE_MS,
  });

class Shadow {
  readonly emitted: AnyEmission[] = [];
  readonly task = createShadowStage({ maxCandidates: 100 }).init({
    ...{ partition: 0, partitions: 1 },
    emit: (emission) => this.emitted.push(emission),
  });

  take(value: ShadowSlot): Outcome {
    return this.task.step({ topic: "ops.shadow-slot.v1", id: "id", key: value.tradingDay, value });
  }

  /** Minutes of the runs that were compared, in order. */
  get minutes(): number[] {
    return this.runs.map(({ slot }) => (slot - START) / MINUTE_MS);
  }

  get runs(): ShadowRun[] {
    return this.emitted.flatMap((emission) =>
      emission.topic === "discovery.shadow-run.v1" ? [emission.value] : [],
    );
  }
}

describe("the shadow stage", () => {
  it("compares a run once, when the last partition has told its part", () => {
    const shadow = new Shadow();
    shadow.take(at(0, 0));
    expect(shadow.runs).toEqual([]);
    shadow.take(at(0, 1));
    expect(shadow.runs).toMatchObject([{ universe: 20, missingPartitions: 0 }]);
    expect(shadow.emitted[0]?.key).toBe(shadow.runs[0]?.runId);
  });

  it("takes a part that comes again for the one that it has", () => {
    const shadow = new Shadow();
    shadow.take(at(0, 0));
    expect(shadow.take(at(0, 0))).toEqual({ type: "skip", reason: "duplicate" });
    shadow.take(at(0, 1));
    expect(shadow.take(at(0, 1))).toEqual({ type: "skip", reason: "duplicate" });
    expect(shadow.minutes).toEqual([0]);
  });

  it("lets a partition run ahead", () => {
    const shadow = new Shadow();
    for (const minute of [0, 1, 2]) shadow.take(at(minute, 0));
    for (const minute of [0, 1, 2]) shadow.take(at(minute, 1));
    expect(shadow.minutes).toEqual([0, 1, 2]);
    expect(shadow.runs.every(({ missingPartitions }) => missingPartitions === 0)).toBe(true);
  });

  it("tells what is missing of a run once a later one is complete", () => {
    const shadow = new Shadow();
    shadow.take(at(0, 0));
    for (const partition of [0, 1]) shadow.take(at(1, partition));
    expect(shadow.runs.map(({ missingPartitions }) => missingPartitions)).toEqual([1, 0]);
    expect(shadow.runs[0]).toMatchObject({ overlap: null, overlapReason: "partitions-missing" });
  });

  it("says the same whichever partition is ahead, and however far", () => {
    const minutes = Array.from({ length: 1_500 }, (_, minute) => minute);
    const byMinute = new Shadow();
    const byPartition = new Shadow();
    for (const minute of minutes) for (const one of [0, 1]) byMinute.take(at(minute, one));
    for (const one of [1, 0]) for (const minute of minutes) byPartition.take(at(minute, one));
    expect(byPartition.emitted).toEqual(byMinute.emitted);
    expect(byPartition.minutes).toEqual(minutes);
  });

  it("says the same in any order in which parts come that are there, where some are missing", () => {
    const told = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(2)), {
      selector: String,
      maxLength: 30,
    });
    fc.assert(
      fc.property(told, fc.array(fc.nat(2), { maxLength: 40 }), (parts, turns) => {
        const queues = [0, 1, 2].map((partition) =>
          parts.filter((part) => part[1] === partition).sort((a, b) => a[0] - b[0]),
        );
        const inTurns = new Shadow();
        const inOrder = new Shadow();
        const take = (shadow: Shadow, part: (typeof parts)[number] | undefined): void => {
          if (part !== undefined) shadow.take(at(part[0], part[1], 3));
        };
        const left = queues.map((queue) => [...queue]);
        for (const turn of turns) take(inTurns, left[turn]?.shift());
        for (const part of left.flat()) take(inTurns, part);
        for (const part of queues.flat().sort((a, b) => a[0] - b[0])) take(inOrder, part);
        expect(inTurns.emitted).toEqual(inOrder.emitted);
      }),
    );
  });

  it("says nothing about a daily instant that nobody answers", () => {
    const shadow = new Shadow();
    shadow.take(shadowSlotFor(0, 1, { trigger: "DAILY", universe: 0, leftOut: 0 }));
    expect(shadow.runs).toEqual([]);
    const later = { slot: START + MINUTE_MS, trigger: "DAILY", universe: 0, leftOut: 3 } as const;
    shadow.take(shadowSlotFor(0, 1, later));
    expect(shadow.minutes).toEqual([1]);
  });
});
