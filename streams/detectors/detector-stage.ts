import type { Detection, Features } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";
import { type AnyEvent, DONE, type Stage, type StageContext, skip } from "../kernel/stage.ts";
import type { StalenessLimits } from "../market/shelf-life.ts";
import { isLeftOut } from "../universe/universe.ts";
import type { Detector, DetectorResult } from "./detector.ts";

interface DetectorStageOptions {
  /** Rethrows what a detector throws: for development and tests, where a mark is easily missed. */
  readonly failFast: boolean;
  /** Ages from which inputs count less. */
  readonly staleness: StalenessLimits;
}

/** Plain slices carry features for reading only, and so does a symbol that its slot left out. */
export function isUpForEvaluation({ topic, value }: AnyEvent): boolean {
  return topic !== "signals.features.v1" || (value.trigger !== "SLICE" && !isLeftOut(value));
}

/**
 * One detection per features event that is up for evaluation. A detector that throws gives an
 * error mark without score (it then counts as missing in the composite) and the run goes on.
 */
export function createDetectorStage(detector: Detector, options: DetectorStageOptions): Stage {
  return {
    name: detector.name,
    version: detector.version,
    inputs: ["signals.features.v1"],
    outputs: ["signals.detection.v1"],
    wants: isUpForEvaluation,
    init: ({ emit }: StageContext) => ({
      stores: [],
      step: (event) => {
        if (event.topic !== "signals.features.v1") return skip("topic");
        const features = event.value;
        const value = detectionOf(detector, event.id, features, options);
        emit({
          topic: "signals.detection.v1",
          id: derivedId(detector.name, detector.version, [event.id]),
          key: features.symbol,
          happenedAt: features.happenedAt,
          value,
        });
        return DONE;
      },
    }),
  };
}

function detectionOf(
  detector: Detector,
  featuresId: string,
  features: Features,
  { failFast, staleness }: DetectorStageOptions,
): Detection {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot } = features;
  const outcome = failFast
    ? { ...detector.detect(features, staleness), error: null }
    : detectOrMark(detector, features, staleness);
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    detector: detector.name,
    featuresId,
    trigger,
    slot,
    ...outcome,
  };
}

function detectOrMark(
  detector: Detector,
  features: Features,
  staleness: StalenessLimits,
): DetectorResult & { readonly error: string | null } {
  try {
    return { ...detector.detect(features, staleness), error: null };
  } catch (error) {
    return {
      score: null,
      confidence: 0,
      label: null,
      signals: [],
      components: [],
      missing: [],
      dataSources: [],
      error: `detector-failed:${codeOf(error)}`,
    };
  }
}

/** The class or code of an error; its text may hold figures that differ from machine to machine. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
