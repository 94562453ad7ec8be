import { isTradingDay, nextTradingDay } from "./calendar.ts";
import { addDays, MINUTE_MS } from "./calendar-date.ts";
import { type DiscoverySessions, discoverySlots } from "./discovery-slots.ts";
import { newYorkDateOf, newYorkToUtc } from "./event-time.ts";
import { sessionBounds, sessionOf } from "./sessions.ts";

/** How time is cut into ticks while the system is live. */
export interface TickSchedule {
  /** Ms between two ticks in premarket, regular session and afterhours; divides a minute. */
  readonly tickMs: number;
  /** Minutes between discovery slots, whole, 1 to 390. */
  readonly slotMinutes: number;
}

/** What has to be ticked, and what no tick will come for any more. */
export interface DueTicks {
  /** Instants, UTC ms, ascending. */
  readonly ticks: readonly number[];
  /** Marked instants of days that were over before anybody could tick them. */
  readonly missed: number;
}

/** Whether a slot fires is the stages' to say (settings may change it): all sessions have ticks. */
const ALL_SESSIONS: DiscoverySessions = { premarket: true, afterhours: true };
/** Nights, weekends and holidays: as often as the most frequent jobs, which run with a tick. */
const QUIET_TICK_MS = 30_000;

/**
 * The ticks between the last one and now, both UTC ms; `lastMs` is null where there was none.
 *
 * Misfires: every marked instant of the day that is still going gets its own tick, in order, however
 * late, so that its slot fires. Plain ticks between them only cut time finer: of those that were
 * missed the newest alone is made up for. A day goes from 04:00 ET to 04:00 ET; marked instants of
 * days before are missed for good and counted, because what discovery would say of them is too
 * late for anybody. A first tick makes up for nothing.
 *
 * A function of its arguments: however the time line is cut into calls, as long as each begins where
 * the last one's ticks ended, every marked instant is in exactly one answer. Throws
 * `market-time.outside-calendar` where the calendar ends and `market-time.invalid-frequency`.
 */
export function ticksDue(lastMs: number | null, nowMs: number, schedule: TickSchedule): DueTicks {
  const newest = latestTick(nowMs, schedule.tickMs);
  if (lastMs === null) return { ticks: [newest], missed: 0 };
  const sinceMs = Math.max(lastMs, dayStart(nowMs) - 1);
  const marked = markedInstants(sinceMs, nowMs, schedule.slotMinutes);
  const missed = markedInstants(lastMs, sinceMs, schedule.slotMinutes).length;
  const isPlain = newest > lastMs && newest !== marked.at(-1);
  return { ticks: isPlain ? [...marked, newest] : marked, missed };
}

/** The first instant after `nowMs` at which a tick may be due, UTC ms. */
export function nextTickMs(nowMs: number, { tickMs }: TickSchedule): number {
  return latestTick(nowMs, tickMs) + stepAt(nowMs, tickMs);
}

/**
 * Instants in (afterMs, untilMs] that mean something by themselves, ascending: discovery slots of all
 * sessions, the bounds of the sessions, and 20:00 ET of every trading day, when daily bars that
 * include extended hours are published, also after an early close.
 */
export function markedInstants(afterMs: number, untilMs: number, slotMinutes: number): number[] {
  if (!hasWholeMinute(afterMs, untilMs)) return [];
  const instants = new Set(discoverySlots(afterMs + 1, untilMs + 1, slotMinutes, ALL_SESSIONS));
  const firstDate = newYorkDateOf(afterMs);
  let date = isTradingDay(firstDate) ? firstDate : nextTradingDay(firstDate);
  for (; sessionBounds(date).premarketOpenMs <= untilMs; date = nextTradingDay(date)) {
    const { premarketOpenMs, openMs, closeMs, afterhoursCloseMs } = sessionBounds(date);
    const eveningMs = newYorkToUtc(date, "20:00");
    for (const atMs of [premarketOpenMs, openMs, closeMs, afterhoursCloseMs, eveningMs]) {
      if (atMs > afterMs && atMs <= untilMs) instants.add(atMs);
    }
  }
  return [...instants].sort((a, b) => a - b);
}

/** Whether a whole minute lies in (afterMs, untilMs]: nothing of the wall clock happens between them. */
export function hasWholeMinute(afterMs: number, untilMs: number): boolean {
  return Math.floor(untilMs / MINUTE_MS) > Math.floor(afterMs / MINUTE_MS);
}

/** 04:00 ET of the day that is going on: until then the night belongs to the day before. */
export function dayStart(nowMs: number): number {
  const date = newYorkDateOf(nowMs);
  const startMs = newYorkToUtc(date, "04:00");
  return startMs <= nowMs ? startMs : newYorkToUtc(addDays(date, -1), "04:00");
}

function latestTick(nowMs: number, tickMs: number): number {
  const step = stepAt(nowMs, tickMs);
  return Math.floor(nowMs / step) * step;
}

function stepAt(nowMs: number, tickMs: number): number {
  switch (sessionOf(nowMs)) {
    case "PREMARKET":
    case "REGULAR":
    case "AFTERHOURS":
      return tickMs;
    case "OVERNIGHT":
    case "CLOSED":
      return QUIET_TICK_MS;
  }
}
