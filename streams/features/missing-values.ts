import type { Missing } from "@amc/schemas/generated/events";

/** Why a value is null. Stable words: gates, pages and alerts repeat them. */
export type MissingReason =
  | "warming-up"
  | "no-price"
  | "no-intraday-bars"
  | "no-session-volume"
  | "daily-resolution"
  | "outside-regular-session"
  | "scope"
  | "not-published"
  | "no-source"
  | "float-unknown"
  | "out-of-range"
  | "suspect:unexplained-jump";

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

  /** The value once enough completed sessions exist, else null with how many are still to come. */
  warm(feature: string, value: number | null, have: number, need: number): number | null {
    if (value !== null && have >= need) return value;
    this.#missing.push({ feature, reason: "warming-up", have, need });
    return null;
  }
}
