import { describe, expect, it } from "vitest";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { featuresOf, inputOf, PASSING, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { catalystNews } from "./catalyst-news/detect.ts";
import type { Detector } from "./detector.ts";
import { createDetectorStage } from "./detector-stage.ts";
import { volumeMomentum } from "./volume-momentum/detect.ts";

const FEATURES_ID = "00000000-0000-8000-8000-00000000000a";

function run(
  detector: Detector,
  known: Parameters<typeof featuresOf>[0],
  failFast = false,
  staleness = DEFAULT_STALENESS,
) {
  const emitted: AnyEmission[] = [];
  const stage = createDetectorStage(detector, { failFast, staleness });
  const task = stage.init({
    partition: 0,
    partitions: 1,
    emit: (emission) => emitted.push(emission),
  });
  const value = featuresOf(known);
  const event: AnyEvent = {
    topic: "signals.features.v1",
    id: FEATURES_ID,
    key: value.symbol,
    value,
  };
  return { outcome: task.step(event), emitted, wanted: stage.wants?.(event) };
}

const confidenceIn = ([emission]: readonly AnyEmission[]) =>
  emission?.topic === "signals.detection.v1" ? emission.value.confidence : null;

const broken: Detector = {
  name: "volume_momentum",
  version: 1,
  detect: () => {
    throw new RangeError("planted");
  },
};

describe("a detector stage", () => {
  it("charges the age of inputs by the limits that it was made with (R-ENV-25)", () => {
    const at = TEN_O_CLOCK - 12 * 3_600_000;
    const inputs = [inputOf("news", { happenedAt: at, publishedAt: at, confidence: 1 })];
    const known = { newsSentiment: 0.5, newsConfidence: 1, inputs };
    const patient = { ...DEFAULT_STALENESS, newsMs: 12 * 3_600_000 };
    const [usual, moved] = [run(catalystNews, known), run(catalystNews, known, true, patient)];
    const confidence = confidenceIn(moved.emitted) ?? 0;
    expect(confidence).toBeGreaterThan(0);
    // Twice as old as the usual limit allows (TV-FR-01).
    expect(confidenceIn(usual.emitted)).toBeCloseTo(confidence * Math.exp(-0.5), 9);
  });

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

  it("wants features that are up for evaluation and no plain slices", () => {
    expect(run(volumeMomentum, PASSING).wanted).toBe(true);
    expect(run(volumeMomentum, { ...PASSING, trigger: "SLICE", slot: null }).wanted).toBe(false);
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
