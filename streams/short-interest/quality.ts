import { roundHalfAway } from "../market/rounding.ts";
import { freshnessFactor } from "../market/shelf-life.ts";
import type { ShortInterestRules } from "./rules.ts";

/** The planning documents name the four parts and no weights; these are of domain-facts §9. */
const WEIGHTS = { completeness: 0.3, accuracy: 0.3, freshness: 0.25, consistency: 0.15 } as const;
/** Accuracy of what nobody else states, and the deviation from the median that leaves none (§9). */
const SINGLE_SOURCE_ACCURACY = 0.7;
const DEVIATION_WITHOUT_ACCURACY = 0.5;
/** R-SI-07 gives the overall score two decimals, and they decide: what a reader sees as 0.75 is used. */
const DECIMALS = 2;

/** Scores of one figure, each 0 to 1. */
export interface QualityParts {
  readonly completeness: number;
  readonly accuracy: number;
  readonly freshness: number;
  /** Null where there is no report before to be consistent with. */
  readonly consistency: number | null;
}

/** What a complete record says (domain-facts §9). */
export interface RecordFields {
  readonly sharesShort: number | null;
  readonly averageDailyVolume: number | null;
  readonly floatShares: number | null;
  readonly daysToCover: number | null;
  readonly settlementDate: string | null;
}

/** The share of the five fields that is known. */
export function completeness(fields: RecordFields): number {
  const { sharesShort, averageDailyVolume, floatShares, daysToCover, settlementDate } = fields;
  const values = [sharesShort, averageDailyVolume, floatShares, daysToCover, settlementDate];
  return values.filter((value) => value !== null).length / values.length;
}

/** From the deviation from the median of several sources, a fraction of it. */
export function accuracy(sources: number, deviation: number): number {
  if (sources < 2) return SINGLE_SOURCE_ACCURACY;
  return 1 - Math.min(1, deviation / DEVIATION_WITHOUT_ACCURACY);
}

/**
 * The share of its source's reliability that a figure of such accuracy keeps: all of it while others do
 * not contradict it more than nobody does, less the further they lie apart (R-SI-11).
 */
export function keptReliability(accuracyScore: number): number {
  return Math.min(1, accuracyScore / SINGLE_SOURCE_ACCURACY);
}

/** From the age since publication, ms. */
export function freshness(ageMs: number, { maxAgeMs }: ShortInterestRules): number {
  return freshnessFactor(ageMs, maxAgeMs);
}

/** From the change against the report before as a fraction of it, null where there was none. */
export function consistency(change: number | null): number | null {
  return change === null ? null : 1 - Math.min(1, Math.abs(change));
}

/**
 * The weighted mean, two decimals. An unknown consistency leaves its weight to the other parts: a
 * first report is neither praised nor blamed for it.
 */
export function overallQuality(parts: QualityParts): number {
  return roundHalfAway(weighedMean(parts), DECIMALS);
}

function weighedMean({ completeness: complete, ...parts }: QualityParts): number {
  const known =
    WEIGHTS.completeness * complete +
    WEIGHTS.accuracy * parts.accuracy +
    WEIGHTS.freshness * parts.freshness;
  if (parts.consistency === null) return known / (1 - WEIGHTS.consistency);
  return known + WEIGHTS.consistency * parts.consistency;
}

/**
 * The instant, UTC ms, at which a figure of these parts grows too old to be scored. Null when age
 * alone never does it, or when it is below the threshold as fresh as can be.
 */
export function usableUntil(
  parts: Omit<QualityParts, "freshness">,
  publishedAt: number,
  { qualityMin, maxAgeMs }: ShortInterestRules,
): number | null {
  // What the two decimals still round up to the threshold.
  const least = qualityMin - 0.5 * 10 ** -DECIMALS;
  const withoutFreshness = weighedMean({ ...parts, freshness: 0 });
  const perFreshness = weighedMean({ ...parts, freshness: 1 }) - withoutFreshness;
  const needed = (least - withoutFreshness) / perFreshness;
  if (needed > 1) return null;
  const neverBelow = freshnessFactor(Number.POSITIVE_INFINITY, 1);
  if (needed <= neverBelow) return null;
  return Math.floor(publishedAt + maxAgeMs * (1 - 2 * Math.log(needed)));
}
