import { tradingDayAtOrAfter } from "../market/calendar.ts";
import { addDays, dateOf, lastDateOfMonth, weekdayOf } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { isFinraBusinessDay } from "./finra-calendar.ts";

/** Balance of shares that had not been delivered at the end of one settlement day. */
export interface FailsToDeliver {
  /** `yyyy-mm-dd`. */
  readonly settlementDate: string;
  /** Open balance in shares, not the day's new fails. */
  readonly quantity: number;
}

const LAST_DAY_OF_FIRST_HALF = 15;
/** The SEC names no hour; the one used for FINRA, after every session but the late evening's. */
const PUBLICATION_TIME = "18:00";

/** Regulation SHO's threshold, domain-facts §0. */
const PERSISTENT_SHARES_MIN = 10_000;
/** 0.5 % of shares outstanding is one share in 200; as a product of integers it is exact. */
const OUTSTANDING_PER_PERSISTENT_SHARE = 200;
const PERSISTENT_SETTLEMENT_DAYS = 5;

/**
 * Day on which the SEC publishes the fails of a settlement day: those of a month's first half on
 * its last day, those of the second half on the 15th of the next month. A day without session
 * moves to the next trading day: people post the files, and a date that is too late hides a fact
 * for a weekend while one that is too early is look-ahead.
 */
export function failsPublicationDate(settlementDate: string): string {
  const year = Number(settlementDate.slice(0, 4));
  const month = Number(settlementDate.slice(5, 7));
  const nominal =
    Number(settlementDate.slice(8, 10)) <= LAST_DAY_OF_FIRST_HALF
      ? lastDateOfMonth(year, month)
      : dateOf(month === 12 ? year + 1 : year, (month % 12) + 1, 15);
  return tradingDayAtOrAfter(nominal);
}

/** First instant at which the fails of a settlement day count as public, UTC ms. */
export function failsPublishedAt(settlementDate: string): number {
  return newYorkToUtc(failsPublicationDate(settlementDate), PUBLICATION_TIME);
}

/**
 * A day on which clearing settles trades: a FINRA business day on which banks work too. The SEC's
 * files never hold a row for Columbus Day or Veterans Day although the exchanges trade.
 */
export function isSettlementDay(date: string): boolean {
  return isFinraBusinessDay(date) && !isColumbusDay(date) && !isVeteransDayObserved(date);
}

/**
 * Whether some five consecutive settlement days each had fails of at least 10,000 shares and 0.5 %
 * of shares outstanding. `fails` are the published balances of one symbol, ascending by date, the
 * two newest half-months being enough; a settlement day without a row had no fails. null when
 * nothing was published or shares outstanding are unknown.
 */
export function hasPersistentFails(
  fails: readonly FailsToDeliver[],
  sharesOutstanding: number | null,
): boolean | null {
  if (sharesOutstanding === null || fails.length === 0) return null;
  let run = 0;
  let expectedDate = "";
  for (const { settlementDate, quantity } of fails) {
    const persistent =
      quantity >= PERSISTENT_SHARES_MIN &&
      quantity * OUTSTANDING_PER_PERSISTENT_SHARE >= sharesOutstanding;
    if (!persistent) run = 0;
    else run = settlementDate === expectedDate ? run + 1 : 1;
    if (run === PERSISTENT_SETTLEMENT_DAYS) return true;
    expectedDate = nextSettlementDay(settlementDate);
  }
  return false;
}

function nextSettlementDay(date: string): string {
  let day = addDays(date, 1);
  while (!isSettlementDay(day)) day = addDays(day, 1);
  return day;
}

/** Second Monday of October. */
function isColumbusDay(date: string): boolean {
  const day = date.slice(5);
  return day >= "10-08" && day <= "10-14" && weekdayOf(date) === 1;
}

/** 11 November, or the Monday after when it is a Sunday; a Saturday is not moved. */
function isVeteransDayObserved(date: string): boolean {
  const day = date.slice(5);
  return day === "11-11" || (day === "11-12" && weekdayOf(date) === 1);
}
