import type { ShadowRun, ShadowSlot } from "@amc/schemas/generated/events";
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

  it("keeps at most 1,000 runs that wait for parts which never come", () => {
    const shadow = new Shadow();
    for (let minute = 0; minute < 1_500; minute += 1) shadow.take(at(minute, 0));
    expect(shadow.minutes).toEqual(Array.from({ length: 500 }, (_, minute) => minute));
    const stored = new Set<string>();
    for (const { key, value } of shadow.task.stores[0]?.takeChanges() ?? []) {
      if (value !== null) stored.add(key);
    }
    expect(stored.size).toBe(1_000);
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
