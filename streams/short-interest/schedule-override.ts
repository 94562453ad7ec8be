import { coversDayNumber } from "../market/calendar.ts";
import { addDays, dayNumberOf, isCalendarDate } from "../market/calendar-date.ts";
import { isFinraBusinessDay, type ReportingScheduleRow, scheduleRowOf } from "./finra-calendar.ts";

/**
 * Rows of FINRA's schedule that people decide are settings of `ops.control.v1`, one per settlement
 * date: its newest record holds both days, so that a compacted topic forgets none.
 */
const PREFIX = "finra-schedule/";

/** The days of one period that a person may decide; its settlement date is the calendar's. */
export type PeriodDays = Pick<ReportingScheduleRow, "dueDate" | "publishedDate">;

export type ReadDays =
  | { readonly ok: true; readonly days: PeriodDays }
  | { readonly ok: false; readonly problem: string };

/** The next report but one would be out by then: a later day is a slip of the hand. */
const PUBLISHED_WITHIN_DAYS = 45;
const USAGE = "a period takes: [due=yyyy-mm-dd] [published=yyyy-mm-dd], one of them at least";

/** Settlement date of the period that a setting is about; null for every other setting. */
export function periodOfSetting(setting: string): string | null {
  if (!setting.startsWith(PREFIX)) return null;
  const date = setting.slice(PREFIX.length);
  return isCalendarDate(date) ? date : null;
}

/**
 * Reads what a person typed, such as `published=2025-09-11`; a day that is not said stays the calendar's, as
 * do both for null, which withdraws a decision.
 */
export function readDays(settlementDate: string, text: string | null): ReadDays {
  const computed = scheduleRowOf(settlementDate);
  if (computed === null) return refused(`${settlementDate} is no settlement date of the calendar`);
  if (text === null) return { ok: true, days: computed };
  const said = new Map<string, string>();
  for (const word of text.trim().split(/\s+/)) {
    const [name = "", day = "", ...others] = word.split("=");
    const isDay = (name === "due" || name === "published") && isCalendarDate(day);
    if (!isDay || others.length > 0 || said.has(name)) return refused(USAGE);
    said.set(name, day);
  }
  const dueDate = said.get("due") ?? computed.dueDate;
  const publishedDate = said.get("published") ?? computed.publishedDate;
  const last = addDays(settlementDate, PUBLISHED_WITHIN_DAYS);
  if (dueDate <= settlementDate || publishedDate < dueDate || publishedDate > last) {
    const order = `${settlementDate} < due ${dueDate} <= published ${publishedDate} <= ${last}`;
    return refused(`the days of a period follow each other, which these do not: ${order}`);
  }
  if (!coversDayNumber(dayNumberOf(publishedDate)) || !isFinraBusinessDay(publishedDate)) {
    return refused(`${publishedDate} is no business day, so FINRA publishes nothing on it`);
  }
  return { ok: true, days: { dueDate, publishedDate } };
}

/** Both days as a record holds them; `readDays` reads them again. */
export function daysText({ dueDate, publishedDate }: PeriodDays): string {
  return `due=${dueDate} published=${publishedDate}`;
}

function refused(problem: string): ReadDays {
  return { ok: false, problem };
}
