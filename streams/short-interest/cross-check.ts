/** What one source states about one symbol and settlement date. */
export interface SourceValue {
  readonly source: string;
  /** Shares, or any other measure that all values of one check share. */
  readonly value: number;
  /** How far the source is believed, 0 to 1. */
  readonly reliability: number;
}

/** How far sources bear each other out; ESTIMATED of the planning documents is never used. */
export type AgreementLevel = "HIGH" | "MEDIUM" | "LOW" | "STALE";

/** Confidence in a value of each level (domain-facts §9). */
const LEVEL_CONFIDENCE = {
  HIGH: 0.9,
  MEDIUM: 0.7,
  LOW: 0.5,
  STALE: 0.1,
} as const satisfies Readonly<Record<AgreementLevel, number>>;

/** Fractions of the median within which sources agree, and beyond which one is an outlier (§9). */
const HIGH_TOLERANCE = 0.2;
const MEDIUM_TOLERANCE = 0.3;
const OUTLIER_DEVIATION = 0.5;
const HIGH_SOURCES_MIN = 3;
const MEDIUM_SOURCES_MIN = 2;
/** Days since publication from which a level no longer holds (§9). */
const MEDIUM_AGE_DAYS = 30;
const STALE_AGE_DAYS = 45;
export const AGREEMENT_AGE_DAYS = [MEDIUM_AGE_DAYS, STALE_AGE_DAYS] as const;

/** How the values of several sources for one settlement date compare. */
export interface CrossCheck {
  /** |value - median| / median by source, 0 for a single one. */
  readonly deviations: ReadonlyMap<string, number>;
  /** Sources more than half the median away from it, in the order given. */
  readonly outliers: readonly string[];
  readonly level: AgreementLevel;
  /** Of the level, 0.1 to 0.9. */
  readonly confidence: number;
  /** Mean of those that agree, weighted by reliability; null when no two of several do. */
  readonly consensus: number | null;
}

/**
 * Compares what sources state about one settlement date against their median (R-SI-11). `values`
 * holds each source once and at least one; `ageDays` counts from publication.
 */
export function crossCheck(values: readonly SourceValue[], ageDays: number): CrossCheck {
  const middle = median(values.map(({ value }) => value));
  const deviations = new Map(
    values.map(({ source, value }) => [source, deviationFrom(middle, value)]),
  );
  const within = (tolerance: number): readonly SourceValue[] =>
    values.filter(({ value }) => deviationFrom(middle, value) <= tolerance);
  const level = levelOf(within, ageDays);
  return {
    deviations,
    outliers: values
      .filter(({ value }) => deviationFrom(middle, value) > OUTLIER_DEVIATION)
      .map(({ source }) => source),
    level,
    confidence: LEVEL_CONFIDENCE[level],
    consensus: consensusOf(
      values.length,
      within(level === "HIGH" ? HIGH_TOLERANCE : MEDIUM_TOLERANCE),
    ),
  };
}

/**
 * The documents give HIGH no age. Read here: whatever is STALE by its age is so however many agree,
 * because they agree about a period that two later reports have followed.
 */
function levelOf(
  within: (tolerance: number) => readonly SourceValue[],
  ageDays: number,
): AgreementLevel {
  if (ageDays >= STALE_AGE_DAYS) return "STALE";
  if (within(HIGH_TOLERANCE).length >= HIGH_SOURCES_MIN) return "HIGH";
  const agreeing = within(MEDIUM_TOLERANCE).length;
  return agreeing >= MEDIUM_SOURCES_MIN && ageDays < MEDIUM_AGE_DAYS ? "MEDIUM" : "LOW";
}

/** The middle one of several that all disagree is no consensus, only the middle. */
function consensusOf(sources: number, agreeing: readonly SourceValue[]): number | null {
  if (agreeing.length < Math.min(sources, MEDIUM_SOURCES_MIN)) return null;
  const weights = agreeing.reduce((sum, { reliability }) => sum + reliability, 0);
  if (weights <= 0) return null;
  return agreeing.reduce((sum, { value, reliability }) => sum + value * reliability, 0) / weights;
}

/** A median of 0 has no fraction: another value is then taken to be all of itself away. */
function deviationFrom(middle: number, value: number): number {
  if (value === middle) return 0;
  return middle === 0 ? 1 : Math.abs(value - middle) / middle;
}

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const half = Math.floor(ascending.length / 2);
  const upper = ascending[half] ?? Number.NaN;
  if (ascending.length % 2 === 1) return upper;
  return ((ascending[half - 1] ?? Number.NaN) + upper) / 2;
}
