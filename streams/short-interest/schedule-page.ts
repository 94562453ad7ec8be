import { dateOf } from "../market/calendar-date.ts";
import { FIRST_YEAR, scheduleRow, settlementDates } from "./finra-calendar.ts";
import { COMPUTED_SCHEDULE, type ScheduleInForce } from "./schedule-in-force.ts";

/** One period as a page of FINRA lists it. */
export interface ListedPeriod {
  readonly settlementDate: string;
  readonly dueDate: string;
  /** Null where the page has no column of it. */
  readonly publishedDate: string | null;
}

const TABLE = /<table\b[\s\S]*?<\/table>/gi;
const ROW = /<tr\b[\s\S]*?<\/tr>/gi;
const CELL = /<t[hd]\b[^>]*>([\s\S]*?)<\/t[hd]>/gi;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** A year has 24 periods; a page that lists more than two of them is another page. */
const PERIODS_MAX = 60;

/**
 * The periods that a page lists, in its order, found by the words above the columns, not by their
 * place. Null when no table has these columns or a date of one cannot be read: then nothing is said of any.
 */
export function listedPeriods(html: string): readonly ListedPeriod[] | null {
  const periods: ListedPeriod[] = [];
  for (const [table] of html.matchAll(TABLE)) {
    const [header = [], ...rows] = [...table.matchAll(ROW)].map(([row]) => cellsOf(row));
    const settlement = header.findIndex((text) => /settlement/i.test(text));
    const due = header.findIndex((text) => /\bdue\b/i.test(text));
    const published = header.findIndex((text) => /publi|disseminat/i.test(text));
    if (settlement < 0 || due < 0) continue;
    for (const cells of rows) {
      const settlementDate = dateIn(cells[settlement]);
      const dueDate = dateIn(cells[due]);
      const publishedDate = published < 0 ? null : dateIn(cells[published]);
      if (settlementDate === null || dueDate === null) return null;
      if (published >= 0 && publishedDate === null) return null;
      periods.push({ settlementDate, dueDate, publishedDate });
    }
  }
  return periods.length === 0 || periods.length > PERIODS_MAX ? null : periods;
}

/**
 * What a page says otherwise than the calendar, one text for each; a year that it lists has to be whole
 * from its first period on. Of a period that was decided by hand nobody is told again what the calendar
 * says, nor what was decided: a third day is news.
 */
export function differencesFrom(
  listed: readonly ListedPeriod[],
  schedule: ScheduleInForce = COMPUTED_SCHEDULE,
): readonly string[] {
  const differences: string[] = [];
  for (const period of listed) {
    const { settlementDate } = period;
    if (!settlementDatesOf(settlementDate).includes(settlementDate)) {
      differences.push(`${settlementDate} is no settlement date of the calendar`);
      continue;
    }
    const computed = scheduleRow(settlementDate);
    const inForce = schedule.row(settlementDate);
    const by = schedule.isByHand(settlementDate) ? "by hand" : "by the calendar";
    if (![computed.dueDate, inForce.dueDate].includes(period.dueDate)) {
      differences.push(
        `${settlementDate} is due on ${period.dueDate}, ${by} on ${inForce.dueDate}`,
      );
    }
    const { publishedDate } = period;
    if (publishedDate === null) continue;
    if (![computed.publishedDate, inForce.publishedDate].includes(publishedDate)) {
      differences.push(
        `${settlementDate} is published on ${publishedDate}, ${by} on ${inForce.publishedDate}`,
      );
    }
  }
  return [...differences, ...leftOut(listed)];
}

/** Settlement dates of the calendar between the first and the last listed that are not among them. */
function leftOut(listed: readonly ListedPeriod[]): readonly string[] {
  const dates = listed.map(({ settlementDate }) => settlementDate).sort();
  const [first = "", last = ""] = [dates[0], dates.at(-1)];
  const years = new Set([first, last].map((date) => date.slice(0, 4)));
  return [...years]
    .flatMap((year) => settlementDatesOf(`${year}-01-01`))
    .filter((date) => first < date && date < last && !dates.includes(date))
    .map((date) => `${date} is not listed`);
}

function settlementDatesOf(date: string): readonly string[] {
  const year = Number(date.slice(0, 4));
  return year < FIRST_YEAR ? [] : settlementDates(year);
}

function cellsOf(row: string): readonly string[] {
  return [...row.matchAll(CELL)].map(([, inner = ""]) =>
    inner
      .replace(/<[^>]*>/g, " ")
      .replace(/&nbsp;|&#160;/gi, " ")
      .replace(/\s+/g, " ")
      .trim(),
  );
}

/** `January 15, 2025`, `Jan. 15 2025`, `1/15/2025` or `2025-01-15`, with or without a weekday. */
function dateIn(text = ""): string | null {
  const iso = /(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (iso !== null) return validDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const slashed = /(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  if (slashed !== null) {
    return validDate(Number(slashed[3]), Number(slashed[1]), Number(slashed[2]));
  }
  const worded = /([a-z]{3,9})\.? (\d{1,2}),? (\d{4})/i.exec(text);
  if (worded === null) return null;
  const month = MONTHS.indexOf((worded[1] ?? "").slice(0, 3).toLowerCase()) + 1;
  return validDate(Number(worded[3]), month, Number(worded[2]));
}

function validDate(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = month > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? dateOf(year, month, day) : null;
}
