/** What of a run was asked for; null where the words are left out. */
export interface AskedStrikes {
  readonly isFull: boolean;
  /** Number of the first strike, from 1. */
  readonly from: number | null;
  /** How many. */
  readonly count: number | null;
  readonly seed: number;
}

/** Strikes of one run, numbered from 1 in the run in full that it is a part of. */
export interface StrikeRange {
  readonly first: number;
  /** Smaller than `first` by one where nothing is struck. */
  readonly last: number;
  /** Decides the times and places of this part. */
  readonly seed: number;
}

/** More than any fault is put in (F22: 100,000), so that parts of different seeds never share one. */
const SEEDS_APART = 1_000_000;

/**
 * The strikes of a run, or of the part of it that begins at `from`: parts that follow each other add up to
 * the run in full, which ends where the matrix ends. Each part has a seed of its own, which follows from
 * that of the run and its first strike: the part can be repeated alone, and none repeats another one.
 * Throws a RangeError where there are no such strikes.
 */
export function strikeRange(
  { isFull, from, count, seed }: AskedStrikes,
  { full, reduced }: { readonly full: number; readonly reduced: number },
): StrikeRange {
  for (const [name, value, least] of [
    ["from-strike", from, 1] as const,
    ["strikes", count, 0] as const,
  ]) {
    if (value === null || (Number.isSafeInteger(value) && value >= least)) continue;
    throw new RangeError(`--${name} is a whole number from ${least} on`);
  }
  const first = from ?? 1;
  if (isFull && first > full) throw new RangeError(`there are ${full} strikes in full`);
  const end = isFull ? full : Number.POSITIVE_INFINITY;
  const wanted = count ?? (isFull ? full - first + 1 : reduced);
  const last = Math.min(first + wanted - 1, end);
  return { first, last, seed: first === 1 ? seed : seed * SEEDS_APART + first };
}
