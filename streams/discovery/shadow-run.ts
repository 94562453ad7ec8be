import type { ShadowCandidate, ShadowRun, ShadowSlot } from "@amc/schemas/generated/events";
import { byRank } from "./rank.ts";
import { byConfigVersion, inputTimes } from "./run.ts";
import { runIdOf } from "./run-id.ts";

/** Share of a run's list that a shadow strategy should list too (domain-facts §15). */
export const OVERLAP_TARGET = 0.75;
/** Share of the symbols scored in a run that it should score too. */
export const COVERAGE_TARGET = 0.9;

/**
 * The comparison of one run out of what its partitions compared; null without a part. A function of
 * the set of parts, whatever the order in which they came and however many partitions they are from.
 */
export function shadowRunOf(parts: readonly ShadowSlot[], maxCandidates: number): ShadowRun | null {
  const [first] = [...parts].sort(byConfigVersion);
  if (first === undefined) return null;
  const { tradingDay, slot, trigger, session, strategy, profile, preset, configVersion } = first;
  const { shadowStrategy, shadowConfigVersion } = first;
  const counts = countsOf(parts);
  const candidates = best(parts, (part) => part.candidates, maxCandidates);
  const shadowCandidates = best(parts, (part) => part.shadowCandidates, maxCandidates);
  const inBoth = countOfBoth(candidates, shadowCandidates);
  const flaw = flawOf(parts, first);
  const overlap = flaw ?? ratio(inBoth, candidates.length, "baseline-listed-nothing");
  const coverage = flaw ?? ratio(counts.scoredByBoth, counts.scored, "baseline-scored-nothing");
  const shadow = { strategy: shadowStrategy, configVersion: shadowConfigVersion };
  return {
    runId: runIdOf(first),
    shadowRunId: runIdOf({ ...first, ...shadow }),
    ...inputTimes(parts),
    tradingDay,
    slot,
    trigger,
    session,
    strategy,
    profile,
    preset,
    configVersion,
    shadowStrategy,
    shadowConfigVersion,
    ...counts,
    candidates,
    shadowCandidates,
    inBoth,
    overlap: overlap.value,
    overlapReason: overlap.reason,
    overlapReached: reaches(overlap, OVERLAP_TARGET),
    coverage: coverage.value,
    coverageReason: coverage.reason,
    coverageReached: reaches(coverage, COVERAGE_TARGET),
    missingPartitions: first.partitions - parts.length,
  };
}

/** Symbols that the run of these parts knew, evaluated or left out. */
export function knownSymbols(parts: readonly ShadowSlot[]): number {
  return total(parts, ({ universe, leftOut }) => universe + leftOut);
}

type Counts = Pick<
  ShadowRun,
  | "universe"
  | "scored"
  | "shadowScored"
  | "scoredByBoth"
  | "shadowFailed"
  | "candidatesBeforeCap"
  | "shadowCandidatesBeforeCap"
>;

function countsOf(parts: readonly ShadowSlot[]): Counts {
  return {
    universe: total(parts, ({ universe }) => universe),
    scored: total(parts, ({ scored }) => scored),
    shadowScored: total(parts, ({ shadowScored }) => shadowScored),
    scoredByBoth: total(parts, ({ scoredByBoth }) => scoredByBoth),
    shadowFailed: total(parts, ({ shadowFailed }) => shadowFailed),
    candidatesBeforeCap: total(parts, ({ listed }) => listed),
    shadowCandidatesBeforeCap: total(parts, ({ shadowListed }) => shadowListed),
  };
}

function total(parts: readonly ShadowSlot[], count: (part: ShadowSlot) => number): number {
  return parts.reduce((sum, part) => sum + count(part), 0);
}

/** The best of all are among the best of each. */
function best(
  parts: readonly ShadowSlot[],
  listOf: (part: ShadowSlot) => readonly ShadowCandidate[],
  maxCandidates: number,
): ShadowCandidate[] {
  return parts.flatMap(listOf).sort(byRank).slice(0, maxCandidates);
}

function countOfBoth(a: readonly ShadowCandidate[], b: readonly ShadowCandidate[]): number {
  const symbols = new Set(b.map(({ symbol }) => symbol));
  return a.filter(({ symbol }) => symbols.has(symbol)).length;
}

/** A share, or why it is unknown. */
type Ratio =
  | { readonly value: number; readonly reason: null }
  | { readonly value: null; readonly reason: string };

/** Of nothing there is no share: neither 0 nor 1 would be true. */
function ratio(part: number, whole: number, reasonWithoutWhole: string): Ratio {
  if (whole === 0) return { value: null, reason: reasonWithoutWhole };
  return { value: part / whole, reason: null };
}

/** Shares of a part of the run, or of runs under two configurations, would be told for all of it. */
function flawOf(parts: readonly ShadowSlot[], first: ShadowSlot): Ratio | null {
  if (parts.length < first.partitions) return { value: null, reason: "partitions-missing" };
  const isSame = parts.every(
    ({ configVersion, shadowConfigVersion }) =>
      configVersion === first.configVersion && shadowConfigVersion === first.shadowConfigVersion,
  );
  return isSame ? null : { value: null, reason: "partitions-differ" };
}

function reaches({ value }: Ratio, target: number): boolean | null {
  return value === null ? null : value >= target;
}
