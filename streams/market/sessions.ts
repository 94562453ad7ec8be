import type { Session } from "@amc/schemas/generated/events";
import {
  coversDayNumber,
  isEarlyClose,
  isTradingDay,
  nextTradingDay,
  tradingDayAtOrBefore,
} from "./calendar.ts";
import { DAY_MS, dateOfDayNumber, MINUTE_MS } from "./calendar-date.ts";
import { MarketTimeError } from "./errors.ts";
import { newYorkDateOf, newYorkDayNumberOf, newYorkToUtc, newYorkWallToUtc } from "./event-time.ts";

/** The instants, UTC ms, between which a trading day's sessions lie; each session is [from, to). */
export interface SessionBounds {
  /** Trading date `yyyy-mm-dd` in New York. */
  readonly date: string;
  /** 04:00 ET. */
  readonly premarketOpenMs: number;
  /** 09:30 ET. */
  readonly openMs: number;
  /** Official close: 16:00 ET, or 13:00. */
  readonly closeMs: number;
  /** 20:00 ET, or 17:00 when the close is at 13:00. */
  readonly afterhoursCloseMs: number;
  /** Minutes of the regular session. */
  readonly regularMinutes: 390 | 210;
}

/** What has to be known of one calendar day in New York to place any instant of it. */
interface NewYorkDay {
  readonly date: string;
  /** Midnight to midnight on the wall clock; 23 or 25 hours long when the clock changes. */
  readonly startMs: number;
  readonly endMs: number;
  /** null when the exchanges are closed all day. */
  readonly bounds: SessionBounds | null;
  /** What holds before 04:00 and after afterhours. */
  readonly nightBefore: "OVERNIGHT" | "CLOSED";
  readonly nightAfter: "OVERNIGHT" | "CLOSED";
}

const boundsByDate = new Map<string, SessionBounds>();
const dayByNumber = new Map<number, NewYorkDay>();
/** Events come nearly in time order, so the day of the last question answers most of them. */
let currentDay: NewYorkDay | null = null;

/** Throws `market-time.not-a-trading-day` on weekends, holidays and ad-hoc closures. */
export function sessionBounds(date: string): SessionBounds {
  const known = boundsByDate.get(date);
  if (known !== undefined) return known;
  if (!isTradingDay(date)) {
    const message = `the exchanges were closed on ${date}`;
    throw new MarketTimeError("market-time.not-a-trading-day", message, { date });
  }
  const early = isEarlyClose(date);
  const bounds: SessionBounds = {
    date,
    premarketOpenMs: newYorkToUtc(date, "04:00"),
    openMs: newYorkToUtc(date, "09:30"),
    closeMs: newYorkToUtc(date, early ? "13:00" : "16:00"),
    afterhoursCloseMs: newYorkToUtc(date, early ? "17:00" : "20:00"),
    regularMinutes: early ? 210 : 390,
  };
  boundsByDate.set(date, bounds);
  return bounds;
}

/** Bounds of the calendar day in New York that holds an instant; null when it has no session. */
export function sessionBoundsAt(epochMs: number): SessionBounds | null {
  return newYorkDay(epochMs).bounds;
}

/** End of the regular session, UTC ms: 16:00 ET, 13:00 on early closes. */
export function officialClose(date: string): number {
  return sessionBounds(date).closeMs;
}

/**
 * The session of an instant (UTC ms). OVERNIGHT is only the night between two trading days;
 * from the end of afterhours before a weekend or holiday to 04:00 of the next trading day it is
 * CLOSED (domain-facts §2). Throws `market-time.outside-calendar` before 1998 and after 2028.
 */
export function sessionOf(epochMs: number): Session {
  const day = newYorkDay(epochMs);
  const { bounds } = day;
  if (bounds === null) return "CLOSED";
  if (epochMs < bounds.premarketOpenMs) return day.nightBefore;
  if (epochMs < bounds.openMs) return "PREMARKET";
  if (epochMs < bounds.closeMs) return "REGULAR";
  return epochMs < bounds.afterhoursCloseMs ? "AFTERHOURS" : day.nightAfter;
}

/**
 * The session a bar belongs to: that of its interval's START (domain-facts §0), so the bar
 * stamped 16:00 with one minute is REGULAR. A bar of a day or longer is REGULAR, it is judged once
 * at the official close; a single trade or quote (`intervalMs` 0) has the session of its instant.
 */
export function sessionOfBar(endMs: number, intervalMs: number): Session {
  return intervalMs >= DAY_MS ? "REGULAR" : sessionOf(endMs - intervalMs);
}

/**
 * The trading date an instant belongs to: up to the end of a trading day's afterhours to that
 * day, later and on days without session to the next trading day.
 */
export function tradingDayOf(epochMs: number): string {
  const { bounds, date } = newYorkDay(epochMs);
  return bounds !== null && epochMs < bounds.afterhoursCloseMs ? date : nextTradingDay(date);
}

/**
 * The trading date a bar belongs to. Bars shorter than a day go by their START; of a daily bar the
 * start is not `endMs - intervalMs` (it may end at 16:00 or 20:00 ET, on a half day at 13:00, 17:00
 * or still at 20:00), so the calendar date of its last moment decides.
 */
export function tradingDayOfBar(endMs: number, intervalMs: number): string {
  if (intervalMs < DAY_MS) return tradingDayOf(endMs - intervalMs);
  return tradingDayAtOrBefore(newYorkDateOf(endMs - 1));
}

/**
 * When an item that states only a date counts as public: 04:00 ET of the next trading day, UTC ms
 * (domain-facts §0), so that nothing of that evening leaks into the day itself.
 */
export function publicationOfDateOnlyItem(date: string): number {
  return sessionBounds(nextTradingDay(date)).premarketOpenMs;
}

/** True when `sessionOf` and `tradingDayOf` can answer for this instant. */
export function calendarCovers(epochMs: number): boolean {
  return coversDayNumber(newYorkDayNumberOf(epochMs));
}

/** Whole minutes of the regular session gone by at an instant, 0 before the open, at most all. */
export function minutesSinceOpen(bounds: SessionBounds, epochMs: number): number {
  const minutes = Math.floor((epochMs - bounds.openMs) / MINUTE_MS);
  return Math.min(bounds.regularMinutes, Math.max(0, minutes));
}

function newYorkDay(epochMs: number): NewYorkDay {
  const kept = currentDay;
  if (kept !== null && epochMs >= kept.startMs && epochMs < kept.endMs) return kept;
  const dayNumber = newYorkDayNumberOf(epochMs);
  let day = dayByNumber.get(dayNumber);
  if (day === undefined) {
    day = describeDay(dayNumber);
    dayByNumber.set(dayNumber, day);
  }
  currentDay = day;
  return day;
}

function describeDay(dayNumber: number): NewYorkDay {
  if (!coversDayNumber(dayNumber)) {
    const epochMs = newYorkWallToUtc(dayNumber * DAY_MS);
    const message = `the exchange calendar does not cover ${dateOfDayNumber(dayNumber)}`;
    throw new MarketTimeError("market-time.outside-calendar", message, { epochMs });
  }
  const date = dateOfDayNumber(dayNumber);
  const isOpen = isTradingDay(date);
  return {
    date,
    startMs: newYorkWallToUtc(dayNumber * DAY_MS),
    endMs: newYorkWallToUtc((dayNumber + 1) * DAY_MS),
    bounds: isOpen ? sessionBounds(date) : null,
    nightBefore: isOpen && isOpenOn(dayNumber - 1) ? "OVERNIGHT" : "CLOSED",
    nightAfter: isOpen && isOpenOn(dayNumber + 1) ? "OVERNIGHT" : "CLOSED",
  };
}

function isOpenOn(dayNumber: number): boolean {
  return coversDayNumber(dayNumber) && isTradingDay(dateOfDayNumber(dayNumber));
}
