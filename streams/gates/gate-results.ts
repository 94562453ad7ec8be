import type { GateResult } from "@amc/schemas/generated/events";

/**
 * Results of single gates. Margins are distances to the limit relative to it, so that near misses
 * of different gates compare; a failed gate has a negative one. A missing input fails a hard gate.
 */

export function atLeast(
  gate: string,
  input: string,
  value: number | null,
  threshold: number,
  hard = true,
): GateResult {
  if (value === null) return missing(gate, input, threshold, hard);
  const margin = (value - threshold) / threshold;
  return judged(gate, { value, threshold, margin }, value >= threshold ? null : "below", hard);
}

export function withinBand(
  gate: string,
  input: string,
  value: number | null,
  band: { readonly min: number; readonly max: number },
  hard = true,
): GateResult {
  const { min, max } = band;
  if (value === null) return missing(gate, input, min, hard);
  // The limit named is the nearer one: it is the one that fails or comes closest to it.
  const isLow = value < (min + max) / 2;
  const figures = isLow
    ? { value, threshold: min, margin: (value - min) / min }
    : { value, threshold: max, margin: (max - value) / max };
  return judged(gate, figures, value < min ? "below" : value > max ? "above" : null, hard);
}

interface Figures {
  readonly value: number | null;
  readonly threshold: number | null;
  readonly margin: number | null;
}

/** A gate whose question was answered: `failure` is why not, null when it holds. */
export function judged(
  gate: string,
  figures: Figures,
  failure: string | null,
  hard = true,
): GateResult {
  if (!hard) return { gate, outcome: "NOT_APPLICABLE", hard, ...figures, reason: "not-required" };
  return {
    gate,
    outcome: failure === null ? "PASSED" : "FAILED",
    hard,
    ...figures,
    reason: failure,
  };
}

export function missing(
  gate: string,
  input: string,
  threshold: number | null,
  hard = true,
): GateResult {
  return judged(gate, { value: null, threshold, margin: null }, `missing:${input}`, hard);
}
