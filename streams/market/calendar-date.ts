import { MarketTimeError } from "./errors.ts";

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** 0 is Sunday, 6 is Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const satisfies readonly Weekday[];
/** 1970-01-01 was a Thursday. */
const WEEKDAY_OF_DAY_ZERO = 4;

/**
 * Days from 1970-01-01 to a calendar date `yyyy-mm-dd`, whatever the time zone.
 * Throws `market-time.invalid-date` for anything that is not a real date in this form.
 */
export function dayNumberOf(date: string): number {
  const dayNumber = dayNumberOrNull(date);
  if (dayNumber !== null) return dayNumber;
  throw new MarketTimeError("market-time.invalid-date", `date must be yyyy-mm-dd, was "${date}"`, {
    date,
  });
}

/** True for a real date `yyyy-mm-dd`; `Date.parse` would roll 30 February on to 2 March. */
export function isCalendarDate(text: string): boolean {
  return dayNumberOrNull(text) !== null;
}

function dayNumberOrNull(date: string): number | null {
  const year = digits(date, 0, 4);
  const month = digits(date, 5, 7);
  const day = digits(date, 8, 10);
  const shaped = date.length === 10 && date[4] === "-" && date[7] === "-";
  const isReal =
    shaped && year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return isReal ? daysFromCivil(year, month, day) : null;
}

/** The date `yyyy-mm-dd` of a day number; the years 0000 to 9999 are covered. */
export function dateOfDayNumber(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return dateOfDayNumber(dayNumberOf(date) + days);
}

/** Calendar days from one date to another; negative when `to` lies before `from`. */
export function daysBetween(from: string, to: string): number {
  return dayNumberOf(to) - dayNumberOf(from);
}

export function weekdayOf(date: string): Weekday {
  return weekdayOfDayNumber(dayNumberOf(date));
}

export function weekdayOfDayNumber(dayNumber: number): Weekday {
  const index = (((dayNumber + WEEKDAY_OF_DAY_ZERO) % 7) + 7) % 7;
  return WEEKDAYS[index] ?? 0;
}

/** `yyyy-mm-dd` of the last calendar day of a month, month 1 to 12. */
export function lastDateOfMonth(year: number, month: number): string {
  return dateOf(year, month, daysIn(year, month));
}

export function dateOf(year: number, month: number, day: number): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Decimal value of `text[from..to)`, -1 when one of the characters is missing or not a digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Howard Hinnant's days_from_civil; years begin in March so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + dayOfEra + dayOfYear - 719_468;
}
