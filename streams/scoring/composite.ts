import type { Contribution } from "@amc/schemas/generated/events";
import { WEIGHTED_DETECTORS, type WeightedDetector, type Weights } from "./presets.ts";

/** Score and confidence of one detector, each 0 to 1; a null score is a missing detector. */
export interface DetectorOpinion {
  readonly score: number | null;
  readonly confidence: number;
}

export interface Composite {
  /** 0 to 1; null when no detector was ready. */
  readonly score: number | null;
  /** Mean confidence of the detectors present by weight, times their share of all weight. */
  readonly confidence: number;
  /** Per weighted detector, in the fixed order. */
  readonly contributions: readonly Contribution[];
}

/** Weighted mean over the detectors present (domain-facts §4.8); `weights` sum to 1. */
export function compose(
  opinions: Readonly<Record<WeightedDetector, DetectorOpinion>>,
  weights: Weights,
): Composite {
  let present = 0;
  let weighted = 0;
  let confident = 0;
  let total = 0;
  for (const name of WEIGHTED_DETECTORS) {
    const { score, confidence } = opinions[name];
    total += weights[name];
    if (score === null) continue;
    present += weights[name];
    weighted += weights[name] * score;
    confident += weights[name] * confidence;
  }
  return {
    score: present === 0 ? null : weighted / present,
    // (sum of weight x confidence / present) x (present / total)
    confidence: confident / total,
    contributions: WEIGHTED_DETECTORS.map((detector) => {
      const { score, confidence } = opinions[detector];
      const weight = weights[detector];
      const isPresent = score !== null;
      return {
        detector,
        score,
        weight,
        contribution: isPresent ? (score * weight) / present : null,
        confidence: isPresent ? confidence : null,
      };
    }),
  };
}
