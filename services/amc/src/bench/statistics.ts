export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median with least and most. Throws RangeError without values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: median(sorted), min: percentile(sorted, 0), max: percentile(sorted, 1) };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 1 ? middle : middle - 1];
  if (upper === undefined || lower === undefined)
    throw new RangeError("no values to take a median of");
  return (lower + upper) / 2;
}

/** Nearest-rank percentile of ascending values; `share` from 0 to 1. Throws RangeError without values. */
export function percentile(sorted: readonly number[], share: number): number {
  const rank = Math.max(0, Math.ceil(share * sorted.length) - 1);
  const value = sorted[rank];
  if (value === undefined) throw new RangeError("no values to take a percentile of");
  return value;
}
