import { coversDayNumber, isTradingDay } from "../market/calendar.ts";
import { AD_HOC_CLOSURES } from "../market/calendar-data.ts";
import { addDays, dateOf, dayNumberOf, lastDateOfMonth } from "../market/calendar-date.ts";
import { MarketTimeError } from "../market/errors.ts";
import { newYorkDateOf, newYorkToUtc } from "../market/event-time.ts";

/** One period of FINRA Rule 4560; dates `yyyy-mm-dd` in New York. */
export interface ReportingScheduleRow {
  /** Positions that have settled by this day are reported. */
  readonly settlementDate: string;
  /** Members report until 18:00 ET of this day. */
  readonly dueDate: string;
  /** FINRA publishes on this day. */
  readonly publishedDate: string;
}

/** Two reports a month exist since September 2007; 2008 is the first whole year. */
export const FIRST_YEAR = 2008;
/** Settlement dates lie at most 19 days apart: what is further back is not the report before. */
export const DAYS_BETWEEN_REPORTS_MAX = 20;
const DUE_BUSINESS_DAYS = 2;
/** Older texts say 8; every announcement of 2024 and 2025 fits 7 (domain-facts §8). */
const PUBLICATION_BUSINESS_DAYS = 7;
/** Seven business days after a settlement date are never more calendar days than these. */
const PUBLICATION_DAYS_MAX = 15;
/**
 * FINRA names a day, not an hour. Nasdaq's copy comes after 16:00 ET, and our first attempt to
 * collect is at 18:30 ET (domain-facts §8); 18:00 lies between, and is late enough that no session
 * of the publication day before its evening sees the figure.
 */
export const PUBLICATION_TIME = "18:00";
const DUE_TIME = "18:00";

const closedForTradingOnly = new Set(
  AD_HOC_CLOSURES.filter(({ clearingOpen }) => clearingOpen).map(({ date }) => date),
);

/** A trading day, or an ad-hoc closure on which clearing went on. Good Friday does not count. */
export function isFinraBusinessDay(date: string): boolean {
  return isTradingDay(date) || closedForTradingOnly.has(date);
}

/** The business day `count` business days after `date`, `count` >= 1. */
function addFinraBusinessDays(date: string, count: number): string {
  let day = date;
  for (let left = count; left > 0; left -= 1) day = nextFinraBusinessDay(day);
  return day;
}

/** The 15th (or the business day before it) and the last business day of each month, ascending. */
export function settlementDates(year: number): string[] {
  if (!Number.isInteger(year) || year < FIRST_YEAR) {
    const message = `short interest is twice a month since ${FIRST_YEAR}, asked about ${year}`;
    throw new MarketTimeError("market-time.outside-calendar", message, { date: String(year) });
  }
  return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((month) => [
    finraBusinessDayAtOrBefore(dateOf(year, month, 15)),
    finraBusinessDayAtOrBefore(lastDateOfMonth(year, month)),
  ]);
}

export function dueDate(settlementDate: string): string {
  return addFinraBusinessDays(settlementDate, DUE_BUSINESS_DAYS);
}

export function publicationDate(settlementDate: string): string {
  return addFinraBusinessDays(settlementDate, PUBLICATION_BUSINESS_DAYS);
}

/** End of the time to report, UTC ms. */
export function dueAt(settlementDate: string): number {
  return newYorkToUtc(dueDate(settlementDate), DUE_TIME);
}

/** First instant at which the figures of a settlement date count as public, UTC ms. */
export function publishedAt(settlementDate: string): number {
  return newYorkToUtc(publicationDate(settlementDate), PUBLICATION_TIME);
}

/** The 24 periods whose settlement dates lie in `year`; the last is published in the next. */
export function scheduleRows(year: number): ReportingScheduleRow[] {
  return settlementDates(year).map(scheduleRow);
}

/** The period of one settlement date. */
export function scheduleRow(settlementDate: string): ReportingScheduleRow {
  return {
    settlementDate,
    dueDate: dueDate(settlementDate),
    publishedDate: publicationDate(settlementDate),
  };
}

/** The period of a date; null where the calendar knows no settlement on it, or not its publication. */
export function scheduleRowOf(date: string): ReportingScheduleRow | null {
  const year = Number(date.slice(0, 4));
  return scheduleRowsKnown(year).find(({ settlementDate }) => settlementDate === date) ?? null;
}

/** As `scheduleRows`, but for periods that the exchange calendar does not reach, and without an error. */
export function scheduleRowsKnown(year: number): readonly ReportingScheduleRow[] {
  if (!(year >= FIRST_YEAR) || !isInCalendar(`${year}-12-31`)) return [];
  return settlementDates(year)
    .filter((date) => isInCalendar(addDays(date, PUBLICATION_DAYS_MAX)))
    .map(scheduleRow);
}

function isInCalendar(date: string): boolean {
  return coversDayNumber(dayNumberOf(date));
}

/** The newest period that was public at an instant (UTC ms), by the calendar alone. */
export function newestPublishedPeriod(epochMs: number): ReportingScheduleRow {
  return scheduleRow(newestPublishedDate(epochMs, publishedAt));
}

/** The newest settlement date that was public at an instant (UTC ms), as `publicAt` says of each. */
export function newestPublishedDate(
  epochMs: number,
  publicAt: (settlementDate: string) => number,
): string {
  const year = Number(newYorkDateOf(epochMs).slice(0, 4));
  const dates = [...settlementDates(year - 1), ...settlementDates(year)];
  // One that is still to come is not published; the calendar need not know when it will be.
  const settled = dates.filter((date) => newYorkToUtc(date, "00:00") <= epochMs);
  const newest = settled.findLast((date) => publicAt(date) <= epochMs);
  if (newest === undefined) {
    const message = `no period was published by ${newYorkDateOf(epochMs)}`;
    throw new MarketTimeError("market-time.outside-calendar", message, { epochMs });
  }
  return newest;
}

function nextFinraBusinessDay(date: string): string {
  let day = addDays(date, 1);
  while (!isFinraBusinessDay(day)) day = addDays(day, 1);
  return day;
}

function finraBusinessDayAtOrBefore(date: string): string {
  let day = date;
  while (!isFinraBusinessDay(day)) day = addDays(day, -1);
  return day;
}
