import { DAY_MS } from "@amc/streams/market/calendar-date";
import { MarketTimeError } from "@amc/streams/market/errors";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import { failsPublishedAt } from "@amc/streams/short-interest/fails-to-deliver";
import { publishedAt as shortInterestPublishedAt } from "@amc/streams/short-interest/finra-calendar";
import { RowError } from "../facts/row-error.ts";

/** FINRA posts the day's short volume files by then (data/README). */
const SHORT_VOLUME_TIME = "18:00";

/** How the publication of what is stated about a date follows from that date. */
export type PublicationRule =
  | "official-close"
  /** End of extended hours: 20:00 ET, 17:00 on half days. */
  | "extended-close"
  /** 18:00 ET of the same trading day. */
  | "finra-short-volume"
  /** 18:00 ET of the 7th business day. */
  | "finra-short-interest"
  | "sec-fails-to-deliver";

/**
 * When the world could know what is stated about a date, UTC ms. Throws RowError
 * `time.not-a-trading-day` or `time.out-of-range` when the calendar has no answer.
 */
export function publicationOfDate(rule: PublicationRule, date: string): number {
  return calendarAnswer(() => {
    switch (rule) {
      case "official-close":
        return sessionBounds(date).closeMs;
      case "extended-close":
        return sessionBounds(date).afterhoursCloseMs;
      case "finra-short-volume":
        sessionBounds(date);
        return newYorkToUtc(date, SHORT_VOLUME_TIME);
      case "finra-short-interest":
        return shortInterestPublishedAt(date);
      case "sec-fails-to-deliver":
        return failsPublishedAt(date);
    }
  });
}

/** A question the market calendar refuses is a fault of the row that led to it. */
export function calendarAnswer<Answer>(ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof MarketTimeError)) throw error;
    const code =
      error.code === "market-time.not-a-trading-day"
        ? "time.not-a-trading-day"
        : "time.out-of-range";
    throw new RowError(code, error.message);
  }
}

/** Range of instants, both ends included, for `from` and `to` of a manifest; a date counts to its end. */
export interface InstantRange {
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
}

export function instantRange(
  range: { readonly from?: string | undefined; readonly to?: string | undefined },
  toUtc: (wallMs: number) => number,
): InstantRange {
  return {
    fromMs: range.from === undefined ? -Infinity : instantAt(range.from, 0, toUtc),
    toMs: range.to === undefined ? Infinity : instantAt(range.to, DAY_MS, toUtc) - lastMs(range.to),
  };
}

function instantAt(text: string, addMs: number, toUtc: (wallMs: number) => number): number {
  return isDateOnly(text) ? toUtc(Date.parse(`${text}T00:00:00Z`) + addMs) : Date.parse(text);
}

function lastMs(text: string): number {
  return isDateOnly(text) ? 1 : 0;
}

function isDateOnly(text: string): boolean {
  return text.length === 10;
}
