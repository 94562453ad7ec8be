import type { Candidate, Recommendation } from "@amc/schemas/generated/events";

/** What an evening's calls may be spent on, of any time. */
export interface OptionsInterest {
  /** Candidates that were listed, of any slots. */
  readonly candidates: readonly Pick<Candidate, "symbol" | "slot" | "score" | "listed">[];
  readonly recommendations: readonly Pick<Recommendation, "symbol" | "happenedAt" | "score">[];
}

/**
 * Underlyings in the order in which calls are spent on them (domain-facts §7): candidates of the newest
 * slot that had any, then earlier ones, the best of a slot first; then what was recommended, the newest
 * first. Each once.
 */
export function optionsQueue({ candidates, recommendations }: OptionsInterest): string[] {
  const listed = candidates
    .filter((candidate) => candidate.listed)
    .toSorted((a, b) => b.slot - a.slot || b.score - a.score || compareText(a.symbol, b.symbol));
  const recommended = recommendations.toSorted(
    (a, b) => b.happenedAt - a.happenedAt || b.score - a.score || compareText(a.symbol, b.symbol),
  );
  return [...new Set([...listed, ...recommended].map(({ symbol }) => symbol))];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
