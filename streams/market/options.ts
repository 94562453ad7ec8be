import type { Options } from "@amc/schemas/generated/events";
import { impliedVolatility, type OptionTerms } from "./black-scholes.ts";
import { DAY_MS } from "./calendar-date.ts";
import { newYorkToUtc } from "./event-time.ts";

// Conventions of the option data, domain-facts §4.5.
const RISK_FREE_RATE = 0.05;
const DAYS_PER_YEAR = 365;
const SPREAD_WEIGHT = 0.7;
const AGE_WEIGHT = 0.3;
/** Confidence from the spread ends at a mean relative spread of 1 / 10. */
const SPREAD_PENALTY = 10;
const AGE_HOURS_MAX = 24;
/** Below this a rank says more about the few days on record than about today. */
export const PERCENTILE_OBSERVATIONS_MIN = 60;

export interface QuotedPrice {
  /** USD per share. */
  readonly bid: number;
  readonly ask: number;
}

/** Terms of a listed option with the house's rate, from calendar days to expiry. */
export function optionTerms(spot: number, strike: number, daysToExpiry: number): OptionTerms {
  return { spot, strike, years: daysToExpiry / DAYS_PER_YEAR, rate: RISK_FREE_RATE };
}

/** Annual volatility implied by the mid price of a call; null where there is none. */
export function impliedVolatilityOfCall(
  callMid: number,
  spot: number,
  strike: number,
  daysToExpiry: number,
): number | null {
  return impliedVolatility(callMid, optionTerms(spot, strike, daysToExpiry));
}

/** Annual volatility that the mid of the at-the-money call implies; null without a usable quote. */
export function atTheMoneyVolatility(snapshot: Options): number | null {
  const { underlyingPrice, strike, expiry, callBid, callAsk, happenedAt } = snapshot;
  if (underlyingPrice === null || callBid === null || callAsk === null) return null;
  if (!(callBid > 0) || !(callAsk >= callBid)) return null;
  // Old monthly options expire on a Saturday, so the close is that of the date, not of a session.
  const days = (newYorkToUtc(expiry, "16:00") - happenedAt) / DAY_MS;
  return impliedVolatilityOfCall((callBid + callAsk) / 2, underlyingPrice, strike, days);
}

/**
 * Confidence 0 to 1 in a snapshot of option quotes: 0.7 for narrow spreads (relative to the mid,
 * on average), 0.3 for freshness. 0 when there is no quote or a spread is not positive.
 */
export function snapshotConfidence(quotes: readonly QuotedPrice[], ageHours: number): number {
  if (quotes.length === 0) return 0;
  let relativeSpreads = 0;
  for (const { bid, ask } of quotes) {
    const mid = (bid + ask) / 2;
    if (!(ask > bid && mid > 0)) return 0;
    relativeSpreads += (ask - bid) / mid;
  }
  const meanSpread = relativeSpreads / quotes.length;
  const narrowness = Math.max(0, 1 - SPREAD_PENALTY * meanSpread);
  const freshness = Math.max(0, 1 - ageHours / AGE_HOURS_MAX);
  return SPREAD_WEIGHT * narrowness + AGE_WEIGHT * freshness;
}

/**
 * Share of `history` strictly below `value`, in percent 0 to 100; null with fewer than 60
 * observations. The true rank, never an interpolation between assumed levels (domain-facts §4.5).
 */
export function percentileRank(history: Iterable<number>, value: number): number | null {
  let observations = 0;
  let below = 0;
  for (const observed of history) {
    observations += 1;
    if (observed < value) below += 1;
  }
  return observations < PERCENTILE_OBSERVATIONS_MIN ? null : (below / observations) * 100;
}
