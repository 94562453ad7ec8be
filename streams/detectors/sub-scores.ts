/** Sub-scores that more than one detector uses. */

/** Price against VWAP, both USD, by domain-facts §4.1; ratios are compared as products. */
export function vwapReclaimScore(price: number, vwap: number): number {
  if (price >= 1.02 * vwap) return 1;
  if (price >= 1.005 * vwap) return 0.7;
  if (price >= 0.995 * vwap) return 0.4;
  return 0.1;
}

/** 1 in [60, 70], falling linearly to 0 at 50 and 80 (domain-facts §4.6). */
export function rsiScore(rsi: number): number {
  if (rsi < 60) return Math.max(0, (rsi - 50) / 10);
  if (rsi > 70) return Math.max(0, (80 - rsi) / 10);
  return 1;
}
