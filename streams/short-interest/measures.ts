/** FINRA caps the figure here: it then says "at least", not "equal to" (domain-facts §7). */
const REPORTED_DAYS_TO_COVER_CAP = 999.99;

/**
 * Shares short over average daily volume, in days of that volume. null when one of them is unknown
 * or there was no volume to divide by.
 */
export function daysToCover(
  sharesShort: number | null,
  averageDailyVolume: number | null,
): number | null {
  return quotient(sharesShort, averageDailyVolume);
}

/** FINRA's own figure; null at its cap of 999.99, which is no measurement. */
export function reportedDaysToCover(daysToCoverQuantity: number | null): number | null {
  const known = daysToCoverQuantity !== null && daysToCoverQuantity < REPORTED_DAYS_TO_COVER_CAP;
  return known ? daysToCoverQuantity : null;
}

/** Shares short as a fraction of the float, 0.18 = 18 %; more than 1 is possible. */
export function shortPercentFloat(
  sharesShort: number | null,
  floatShares: number | null,
): number | null {
  return quotient(sharesShort, floatShares);
}

function quotient(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null || denominator <= 0) return null;
  return numerator / denominator;
}
