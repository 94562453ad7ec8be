import { encodeEvent } from "@amc/schemas/codec";
import type { Control } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { type ExperimentPlan, planText } from "@amc/streams/experiments/plan";
import { settingOfExperiment } from "@amc/streams/experiments/setting-name";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { FactSlice, SliceFactAppend } from "../slices.ts";

const TOPIC = "ops.control.v1";

/** A decision at the start of a slice, counted from the first one with discovery. */
export interface PlannedAt {
  readonly slice: number;
  readonly setting: string;
  readonly value: string;
}

/** A plan of three arms from one slice to another, with its status. */
export function planBetween(
  slices: readonly FactSlice[],
  from: number,
  to: number,
  status: ExperimentPlan["status"] = "ACTIVE",
): string {
  const at = (index: number): number => discoverySlices(slices)[index]?.atMs ?? 0;
  return planText({
    status,
    createdAt: at(from),
    startAt: at(from),
    endAt: at(to),
    split: [
      { strategy: "hybrid_v1", weight: 30 },
      { strategy: "legacy_v0", weight: 30 },
      { strategy: "unified_detectors", weight: 40 },
    ],
    metrics: ["candidates"],
  });
}

/** The setting of the experiment that these tests run. */
export const EXPERIMENT = settingOfExperiment("rollout");

/** The same market with operators who decide. */
export function withDecisions(
  slices: readonly FactSlice[],
  decisions: readonly PlannedAt[],
): FactSlice[] {
  const running = discoverySlices(slices);
  return slices.map((slice) => {
    const due = decisions.filter(({ slice: index }) => running[index] === slice);
    return { ...slice, facts: [...slice.facts, ...due.map((one) => decision(slice.atMs, one))] };
  });
}

function discoverySlices(slices: readonly FactSlice[]): FactSlice[] {
  return slices.filter(({ discovery }) => discovery);
}

function decision(atMs: number, { setting, value }: PlannedAt): SliceFactAppend {
  const record: Control = {
    ...{ setting, value, happenedAt: atMs, publishedAt: atMs },
    ...{ actor: "simulated operator", reason: "to be seen in every way of processing" },
  };
  return {
    topic: TOPIC,
    publishedAt: atMs,
    append: {
      topic: TOPIC,
      key: setting,
      value: encodeEvent(TOPIC, record),
      headers: eventHeaders({
        id: uuidOf(`control/${setting}/${value}/${atMs}`),
        source: "/amc/simulated",
        topic: TOPIC,
        happenedAt: atMs,
      }),
    },
  };
}
