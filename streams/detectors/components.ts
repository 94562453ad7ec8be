import type { Component, Features } from "@amc/schemas/generated/events";
import type { FeatureName } from "./feature-inputs.ts";

/** One weighted part of a score before anything is known to be missing. */
export interface Part {
  readonly name: string;
  /** Nominal weight within its detector. */
  readonly weight: number;
  /** 0 to 1; null when its inputs are missing. */
  readonly value: number | null;
  /** Features that were read for `value`. */
  readonly used: readonly FeatureName[];
  /** Features that could have given a value and were null. */
  readonly absent: readonly FeatureName[];
}

export interface WeighedParts {
  /** Mean by weight over the parts present; null when none is. */
  readonly score: number | null;
  /** Share of the nominal weight that is present, 0 to 1. */
  readonly presentWeight: number;
  readonly components: readonly Component[];
  /** Features that entered, each once. */
  readonly used: readonly FeatureName[];
  /** Features that were null, sorted, each once. */
  readonly missing: readonly FeatureName[];
}

/** Mark of a symbol whose price moved overnight in a way nothing known explains. */
export const UNEXPLAINED_JUMP = "suspect:unexplained-jump";

/** Slack for limits on scores: these are sums of products whose last digits depend on rounding. */
const SCORE_SLACK = 1e-9;

export function reaches(score: number, limit: number): boolean {
  return score >= limit - SCORE_SLACK;
}

export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** A part whose value needs every one of `needs`; `value` is asked only when all are there. */
export function part(
  features: Features,
  name: string,
  weight: number,
  needs: readonly FeatureName[],
  value: () => number | null,
): Part {
  const absent = needs.filter((need) => features[need] === null);
  if (absent.length > 0) return { name, weight, value: null, used: [], absent };
  return { name, weight, value: value(), used: needs, absent };
}

/**
 * Score of weighted parts. A missing part drops out and the rest is renormalised: null never
 * counts as low. A symbol with an unexplained jump has no part at all until it is explained.
 */
export function weigh(features: Features, parts: readonly Part[]): WeighedParts {
  const isSuspect = features.flags.includes(UNEXPLAINED_JUMP);
  let weighted = 0;
  let presentWeight = 0;
  let totalWeight = 0;
  let present = 0;
  const components: Component[] = [];
  const used: FeatureName[] = [];
  const missing: FeatureName[] = [];
  for (const part of parts) {
    const { name, weight, absent } = part;
    const value = isSuspect ? null : part.value;
    totalWeight += weight;
    addNew(missing, absent);
    if (value === null) {
      const reason = isSuspect ? UNEXPLAINED_JUMP : whyAbsent(features, absent);
      components.push({ name, value, weight, reason });
      continue;
    }
    components.push({ name, value, weight, reason: null });
    present += 1;
    presentWeight += weight;
    weighted += weight * value;
    addNew(used, part.used);
  }
  return {
    // Nominal weights sum to 1, if not to the last digit: dividing then only adds noise.
    score: present === 0 ? null : weighted / (present === parts.length ? 1 : presentWeight),
    presentWeight: presentWeight / totalWeight,
    components,
    used,
    missing: missing.sort(),
  };
}

/** A detector reads a dozen features at most, for which a list is searched faster than a set. */
function addNew(known: FeatureName[], more: readonly FeatureName[]): void {
  for (const name of more) if (!known.includes(name)) known.push(name);
}

function whyAbsent(features: Features, absent: readonly FeatureName[]): string {
  return absent.map((each) => why(features, each)).join(", ");
}

/** `vwap: no-intraday-bars`; features state a reason for every null, and no other is made up. */
function why(features: Features, name: FeatureName): string {
  const found = features.missing.find(({ feature }) => feature === name);
  return `${name}: ${found?.reason ?? "reason-not-stated"}`;
}
