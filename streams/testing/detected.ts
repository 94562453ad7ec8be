import type { Features } from "@amc/schemas/generated/events";
import type { Detector, DetectorResult } from "../detectors/detector.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";

/** What a detector says of features whose inputs age as the planning documents have it. */
export function detected(detector: Detector, features: Features): DetectorResult {
  return detector.detect(features, DEFAULT_STALENESS);
}
