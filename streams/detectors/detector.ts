import type { Component, Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../market/shelf-life.ts";

/** The six detectors in the fixed order in which events name them. */
export const DETECTOR_NAMES = [
  "volume_momentum",
  "squeeze",
  "catalyst_news",
  "options_flow",
  "technicals",
  "vigl_pattern",
] as const;

export type DetectorName = (typeof DETECTOR_NAMES)[number];

export function isDetectorName(name: string): name is DetectorName {
  return DETECTOR_NAMES.some((known) => known === name);
}

/** What a detector thinks of one features event. */
export interface DetectorResult {
  /** 0 to 1; null when no component had its inputs. */
  readonly score: number | null;
  /** 0 to 1; 0 when there is no score. */
  readonly confidence: number;
  /** Strength or type in the detector's own words; null when there is no score. */
  readonly label: string | null;
  /** Typed signals, in the order of the components that raise them. */
  readonly signals: readonly string[];
  readonly components: readonly Component[];
  /** Features that were null, sorted. */
  readonly missing: readonly string[];
  /** Vendors of the inputs that entered the score, sorted. */
  readonly dataSources: readonly string[];
}

export interface Detector {
  readonly name: DetectorName;
  /** Part of every detection id: raise it when the same features shall give another result. */
  readonly version: number;
  /** `staleness`: ages from which inputs count less. */
  readonly detect: (features: Features, staleness: StalenessLimits) => DetectorResult;
}
