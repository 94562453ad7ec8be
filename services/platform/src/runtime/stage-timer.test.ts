import { decodeEvent } from "@amc/schemas/codec";
import { arbitraryEvent } from "@amc/schemas/testing/arbitrary-event";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DONE, type Stage } from "@amc/streams/kernel/stage";
import type { Produced } from "@amc/streams/kernel/task";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StageTimer } from "./stage-timer.ts";

const TICK = Date.UTC(2021, 0, 13, 15, 0);

function detectorStage(name: string): Stage {
  return {
    name,
    version: 1,
    inputs: ["signals.features.v1"],
    outputs: ["signals.detection.v1"],
    init: () => ({ stores: [], step: () => DONE }),
  };
}

const squeeze = detectorStage("squeeze");
const technicals = detectorStage("technicals");

function detection(stage: Stage, error: string | null): Produced {
  const [sample] = fc.sample(arbitraryEvent("signals.detection.v1"), { numRuns: 1, seed: 1 });
  if (sample === undefined) throw new Error("a sample was asked for");
  const value = { ...sample, detector: stage.name, error };
  const id = uuidOf(`detection/${stage.name}`);
  return {
    stage,
    emission: { topic: "signals.detection.v1", id, key: "GME", happenedAt: TICK, value },
  };
}

function slotClosed(slot: number): Produced {
  const [sample] = fc.sample(arbitraryEvent("ops.slot-closed.v1"), { numRuns: 1, seed: 1 });
  if (sample === undefined) throw new Error("a sample was asked for");
  const value = { ...sample, slot };
  const id = uuidOf("slot-closed");
  return {
    stage: technicals,
    emission: { topic: "ops.slot-closed.v1", id, key: "2021-01-13", happenedAt: TICK, value },
  };
}

function errorsOf(timer: StageTimer): unknown {
  return timer.closeSlice(TICK, 0).map(({ value }) => {
    const decoded = decodeEvent("ops.stage-timing.v1", value ?? new Uint8Array());
    return decoded.ok ? [decoded.value.stage, decoded.value.errors] : decoded;
  });
}

describe("the stage timer", () => {
  const subtopology = { name: "test", timed: true, stages: [squeeze, technicals] };

  it("writes how many detections of a slice each detector ended with an error mark", () => {
    const timer = new StageTimer(subtopology, () => 0);
    timer.sawEmission(detection(squeeze, "detector-failed:TypeError"));
    timer.sawEmission(detection(technicals, null));
    timer.sawEmission(detection(squeeze, null));
    timer.sawEmission(detection(squeeze, "detector-failed:RangeError"));
    timer.sawEmission(slotClosed(TICK));
    expect(errorsOf(timer)).toEqual([
      ["squeeze", 2],
      ["technicals", 0],
    ]);
  });

  it("counts each slice by itself and writes nothing for one that closes no slot", () => {
    const timer = new StageTimer(subtopology, () => 0);
    timer.sawEmission(detection(squeeze, "detector-failed:TypeError"));
    expect(errorsOf(timer)).toEqual([]);
    timer.sawEmission(detection(technicals, "detector-failed:TypeError"));
    timer.sawEmission(slotClosed(TICK));
    expect(errorsOf(timer)).toEqual([
      ["squeeze", 0],
      ["technicals", 1],
    ]);
  });
});
