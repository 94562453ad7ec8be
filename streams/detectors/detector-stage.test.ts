import { describe, expect, it } from "vitest";
import type { AnyEmission } from "../kernel/stage.ts";
import { featuresOf, PASSING } from "../testing/features-builder.ts";
import type { Detector } from "./detector.ts";
import { createDetectorStage } from "./detector-stage.ts";
import { volumeMomentum } from "./volume-momentum/detect.ts";

const FEATURES_ID = "00000000-0000-8000-8000-00000000000a";

function run(detector: Detector, known: Parameters<typeof featuresOf>[0], failFast = false) {
  const emitted: AnyEmission[] = [];
  const stage = createDetectorStage(detector, { failFast });
  const task = stage.init({
    partition: 0,
    partitions: 1,
    emit: (emission) => emitted.push(emission),
  });
  const value = featuresOf(known);
  const outcome = task.step({
    topic: "signals.features.v1",
    id: FEATURES_ID,
    key: value.symbol,
    value,
  });
  return { outcome, emitted };
}

const broken: Detector = {
  name: "volume_momentum",
  version: 1,
  detect: () => {
    throw new RangeError("planted");
  },
};

describe("a detector stage", () => {
  it("answers each evaluated features event with one detection under the symbol", () => {
    const { emitted } = run(volumeMomentum, PASSING);
    expect(emitted).toHaveLength(1);
    expect(emitted[0]).toMatchObject({
      topic: "signals.detection.v1",
      key: "TEST",
      value: { detector: "volume_momentum", featuresId: FEATURES_ID, error: null, trigger: "SLOT" },
    });
  });

  it("gives the same id and bytes when the same features come again", () => {
    expect(run(volumeMomentum, PASSING).emitted).toEqual(run(volumeMomentum, PASSING).emitted);
  });

  it("skips plain slices", () => {
    const { outcome, emitted } = run(volumeMomentum, { ...PASSING, trigger: "SLICE", slot: null });
    expect(outcome).toEqual({ type: "skip", reason: "trigger-slice" });
    expect(emitted).toEqual([]);
  });

  it("marks a detector that throws and goes on", () => {
    const { outcome, emitted } = run(broken, PASSING);
    expect(outcome.type).toBe("done");
    expect(emitted[0]?.value).toMatchObject({
      score: null,
      confidence: 0,
      error: "detector-failed:RangeError",
    });
  });

  it("rethrows in development", () => {
    expect(() => run(broken, PASSING, true)).toThrow("planted");
  });
});
