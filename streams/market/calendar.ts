import {
  AD_HOC_CLOSURES,
  CALENDAR_FIRST_DATE,
  CALENDAR_LAST_DATE,
  EARLY_CLOSES,
  HOLIDAYS,
} from "./calendar-data.ts";
import { dateOfDayNumber, dayNumberOf, weekdayOfDayNumber } from "./calendar-date.ts";
import { MarketTimeError } from "./errors.ts";

const FIRST_DAY = dayNumberOf(CALENDAR_FIRST_DATE);
const LAST_DAY = dayNumberOf(CALENDAR_LAST_DATE);

/** Trading days in order. A position in this list is a trading day's ordinal. */
const tradingDates: string[] = [];
const ordinalByDate = new Map<string, number>();
/** Per calendar day since FIRST_DAY: ordinal of the first trading day at or after it. */
const ordinalAtOrAfter = new Int32Array(LAST_DAY - FIRST_DAY + 2);
const earlyCloses = new Set(datesOf(EARLY_CLOSES));

buildTradingDays();

function buildTradingDays(): void {
  const closed = new Set([...datesOf(HOLIDAYS), ...AD_HOC_CLOSURES.map(({ date }) => date)]);
  for (let dayNumber = FIRST_DAY; dayNumber <= LAST_DAY; dayNumber += 1) {
    ordinalAtOrAfter[dayNumber - FIRST_DAY] = tradingDates.length;
    const weekday = weekdayOfDayNumber(dayNumber);
    const date = dateOfDayNumber(dayNumber);
    if (weekday === 0 || weekday === 6 || closed.has(date)) continue;
    ordinalByDate.set(date, tradingDates.length);
    tradingDates.push(date);
  }
  ordinalAtOrAfter[LAST_DAY + 1 - FIRST_DAY] = tradingDates.length;
}

function datesOf(table: Readonly<Record<number, string>>): string[] {
  return Object.entries(table).flatMap(([year, days]) =>
    days.split(" ").map((day) => `${year}-${day}`),
  );
}

/** True when the exchanges held a regular session on `yyyy-mm-dd`. */
export function isTradingDay(date: string): boolean {
  if (ordinalByDate.has(date)) return true;
  checkCovered(dayNumberOf(date), date);
  return false;
}

/** True when the regular session of a trading day ended at 13:00 ET. */
export function isEarlyClose(date: string): boolean {
  return isTradingDay(date) && earlyCloses.has(date);
}

/** The first trading day after `date`, which need not be one. */
export function nextTradingDay(date: string): string {
  const ordinal = ordinalByDate.get(date);
  return tradingDateAt(ordinal === undefined ? ordinalFrom(date) : ordinal + 1, date);
}

/** The last trading day before `date`, which need not be one. */
export function previousTradingDay(date: string): string {
  return tradingDateAt((ordinalByDate.get(date) ?? ordinalFrom(date)) - 1, date);
}

/** `date` when it is a trading day, otherwise the next one. */
export function tradingDayAtOrAfter(date: string): string {
  return tradingDateAt(ordinalByDate.get(date) ?? ordinalFrom(date), date);
}

/** `date` when it is a trading day, otherwise the previous one. */
export function tradingDayAtOrBefore(date: string): string {
  return isTradingDay(date) ? date : previousTradingDay(date);
}

/**
 * The trading day `count` sessions after (or, negative, before) `date`. A date without session
 * stands before the next trading day: one day after a Saturday is Monday.
 */
export function addTradingDays(date: string, count: number): string {
  const ordinal = ordinalByDate.get(date);
  if (ordinal !== undefined) return tradingDateAt(ordinal + count, date);
  return tradingDateAt(ordinalFrom(date) + (count > 0 ? count - 1 : count), date);
}

/** Number of trading days d with `from` < d <= `to`; negative when `to` lies before `from`. */
export function tradingDaysBetween(from: string, to: string): number {
  return ordinalAfter(to) - ordinalAfter(from);
}

/** Trading days d with `from` <= d <= `to`, in order. */
export function tradingDaysIn(from: string, to: string): string[] {
  return tradingDates.slice(ordinalFrom(from), ordinalAfter(to));
}

/** True when the calendar can answer for this calendar date in New York. */
export function coversDayNumber(dayNumber: number): boolean {
  return dayNumber >= FIRST_DAY && dayNumber <= LAST_DAY;
}

function ordinalFrom(date: string): number {
  const dayNumber = dayNumberOf(date);
  checkCovered(dayNumber, date);
  return ordinalAtOrAfter[dayNumber - FIRST_DAY] ?? -1;
}

function ordinalAfter(date: string): number {
  const dayNumber = dayNumberOf(date);
  checkCovered(dayNumber, date);
  return ordinalAtOrAfter[dayNumber + 1 - FIRST_DAY] ?? -1;
}

function tradingDateAt(ordinal: number, asked: string): string {
  const date = tradingDates[ordinal];
  if (date === undefined) throw outsideCalendar(asked);
  return date;
}

function checkCovered(dayNumber: number, date?: string): void {
  if (!coversDayNumber(dayNumber)) throw outsideCalendar(date ?? dateOfDayNumber(dayNumber));
}

function outsideCalendar(date: string): MarketTimeError {
  const message = `the exchange calendar covers ${CALENDAR_FIRST_DATE} to ${CALENDAR_LAST_DATE}, asked about ${date}`;
  return new MarketTimeError("market-time.outside-calendar", message, { date });
}
