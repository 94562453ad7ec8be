import { daysBetween } from "@amc/streams/market/calendar-date";
import { dateMs } from "../time/wall-clock-pattern.ts";

/**
 * Dates that a text names, to catch text written with hindsight: an entry filed under 4 January
 * that speaks of 8 January was not written on the 4th (data/README, "the timelines leak").
 */

const MONTH_NAMES =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Longer text is cut: nothing legitimate is longer, and matching stays linear. */
const TEXT_CHARACTERS_MAX = 20_000;

const ISO = /\b(\d{4})-(\d{2})-(\d{2})\b/g;
const NUMERIC_US = /\b(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})\b/g;
const MONTH_DAY = new RegExp(
  `\\b(${MONTH_NAMES})\\.?\\s{1,3}(\\d{1,2})(?:st|nd|rd|th)?\\b(?!\\s{0,3}%)(?:,?\\s{1,3}(\\d{4})\\b)?`,
  "gi",
);
const DAY_MONTH = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)?\\s{1,3}(?:of\\s{1,3})?(${MONTH_NAMES})\\b\\.?(?:,?\\s{1,3}(\\d{4})\\b)?`,
  "gi",
);
const MONTH_YEAR = new RegExp(`\\b(${MONTH_NAMES})\\.?,?\\s{1,3}(?:of\\s{1,3})?(\\d{4})\\b`, "gi");

/**
 * The first date later than `ownDate` that `text` names, `yyyy-mm-dd`; null when there is none.
 * A day without year is read as the one nearest to `ownDate`; a month with year counts from its
 * first day. Times of day, months alone and years alone name no date.
 */
export function laterDateNamedIn(text: string, ownDate: string): string | null {
  const named = namedDates(text.slice(0, TEXT_CHARACTERS_MAX), ownDate);
  return named.find((date) => date > ownDate) ?? null;
}

function namedDates(text: string, ownDate: string): string[] {
  const dates: (string | null)[] = [];
  for (const [, year, month, day] of text.matchAll(ISO)) {
    dates.push(civil(Number(year), Number(month), Number(day)));
  }
  for (const [, month, day, year = ""] of text.matchAll(NUMERIC_US)) {
    const fullYear = year.length === 2 ? 2000 + Number(year) : Number(year);
    dates.push(civil(fullYear, Number(month), Number(day)));
  }
  for (const [, month = "", day, year] of text.matchAll(MONTH_DAY)) {
    dates.push(dayOfMonth(month, Number(day), year, ownDate));
  }
  for (const [, day, month = "", year] of text.matchAll(DAY_MONTH)) {
    dates.push(dayOfMonth(month, Number(day), year, ownDate));
  }
  for (const [, month = "", year] of text.matchAll(MONTH_YEAR)) {
    dates.push(civil(Number(year), monthNumber(month), 1));
  }
  return dates.filter((date) => date !== null);
}

function dayOfMonth(
  month: string,
  day: number,
  year: string | undefined,
  ownDate: string,
): string | null {
  if (year !== undefined) return civil(Number(year), monthNumber(month), day);
  const ownYear = Number(ownDate.slice(0, 4));
  const candidates = [ownYear - 1, ownYear, ownYear + 1]
    .map((candidate) => civil(candidate, monthNumber(month), day))
    .filter((date) => date !== null);
  return candidates.reduce<string | null>(
    (best, date) =>
      best === null || distance(date, ownDate) < distance(best, ownDate) ? date : best,
    null,
  );
}

function distance(a: string, b: string): number {
  return Math.abs(daysBetween(a, b));
}

function monthNumber(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function civil(year: number, month: number, day: number): string | null {
  const ms = year >= 1000 && year <= 9999 ? dateMs(year, month, day) : null;
  return ms === null ? null : new Date(ms).toISOString().slice(0, 10);
}
