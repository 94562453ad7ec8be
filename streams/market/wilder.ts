/**
 * Wilder's smoothing with its seed: a sum of the first `period` values, at the last of them their
 * mean, then an average in which the newest weighs 1/`period`. `count` values came before.
 */
export function wilderSmoothed(held: number, value: number, count: number, period: number): number {
  if (count >= period) return (held * (period - 1) + value) / period;
  return count === period - 1 ? (held + value) / period : held + value;
}
