import type { Missing } from "@amc/schemas/generated/events";

/**
 * Why a value is null. Stable words: gates, pages and alerts repeat them, and the doc of
 * `Missing.reason` names each of them. A value computed from one that is null has its reason.
 */
export const MISSING_REASONS = [
  "warming-up",
  "no-price",
  "no-intraday-bars",
  "no-session-volume",
  "daily-resolution",
  "outside-regular-session",
  "scope",
  "not-published",
  "no-source",
  "float-unknown",
  "out-of-range",
  "stale",
  "zero-base",
  "price-unchanged",
  "unusable-quote",
  "quality-below-threshold",
  "thinly-traded",
  "sources-disagree",
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

/** Collects the nulls of one part of a features event with their reasons, in the order they are met. */
export class MissingValues {
  readonly #missing: Missing[] = [];

  get all(): readonly Missing[] {
    return this.#missing;
  }

  /** Notes a null and returns it, so that the place that gives up also says why. */
  note(feature: string, reason: MissingReason): null {
    this.#missing.push({ feature, reason, have: null, need: null });
    return null;
  }

  /**
   * The value once enough completed sessions exist, else null with how many are still to come.
   * A value that may be null with all of them there has another reason, for its caller to note.
   */
  warm(feature: string, value: number | null, have: number, need: number): number | null {
    if (value !== null && have >= need) return value;
    this.#missing.push({ feature, reason: "warming-up", have, need });
    return null;
  }

  /** A ratio to something that may be zero, such as the volume of a share that nobody trades. */
  ratio(feature: string, value: number, base: number): number | null {
    return base === 0 ? this.note(feature, "zero-base") : value / base;
  }
}
