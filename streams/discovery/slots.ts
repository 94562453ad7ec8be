import type { Trigger } from "@amc/schemas/generated/events";
import { isTradingDay } from "../market/calendar.ts";
import { MINUTE_MS } from "../market/calendar-date.ts";
import { type DiscoverySessions, latestSlotIn } from "../market/discovery-slots.ts";
import { newYorkDateOf } from "../market/event-time.ts";
import { sessionBounds, tradingDayOf } from "../market/sessions.ts";

/** When discovery runs. */
export interface SlotConfig {
  /** False: no slot fires at all. */
  readonly discovery: boolean;
  /** Minutes between slots, whole, 1 to 390. */
  readonly everyMinutes: number;
  readonly sessions: DiscoverySessions;
}

/** A slot that a tick fires. */
export interface FiredSlot {
  /** Instant of the slot, UTC ms; at or before the tick. */
  readonly slot: number;
  /** SLOT asks for every symbol, DAILY for those that have nothing but a daily bar. */
  readonly trigger: Extract<Trigger, "SLOT" | "DAILY">;
  /** yyyy-mm-dd */
  readonly tradingDay: string;
}

const HOUR_MS = 3_600_000;
/** 20:00 ET, when daily bars that include extended hours are published, early close or not. */
const EVENING_AFTER_PREMARKET_OPEN_MS = 16 * HOUR_MS;
/** A trading day's daily bars are waited for until 04:00, when the next day's discovery may begin. */
const NIGHT_MS = 4 * HOUR_MS;

/**
 * The slots that the tick at `tickMs` fires when the one before it was at `previousMs`; with
 * -Infinity, when there was none, only those that fall on the tick itself. A function of the two instants alone, so every stage and every partition
 * fires the same ones, and at most one of each trigger:
 *
 * - SLOT: the latest discovery slot in (previous, tick]. A slot whose successor's time has come
 *   was missed and does not fire.
 * - DAILY: the latest in (previous, tick] of the two instants of a trading day at which daily bars
 *   are published, its official close and 20:00 ET; after 04:00 of the next morning neither
 *   fires any more.
 *
 * Daily first, then slot. Throws `market-time.outside-calendar` where the calendar has no answer.
 */
export function slotsFiredBy(
  previousMs: number,
  tickMs: number,
  { discovery, everyMinutes, sessions }: SlotConfig,
): readonly FiredSlot[] {
  if (!discovery || !(previousMs < tickMs)) return [];
  const sinceMs = previousMs === Number.NEGATIVE_INFINITY ? tickMs - 1 : previousMs;
  const fired: FiredSlot[] = [];
  const daily = latestDailyIn(sinceMs, tickMs);
  if (daily !== null) fired.push(daily);
  const notMissedMs = Math.max(sinceMs, tickMs - everyMinutes * MINUTE_MS);
  const slot = latestSlotIn(notMissedMs, tickMs, everyMinutes, sessions);
  if (slot !== null) fired.push({ slot, trigger: "SLOT", tradingDay: tradingDayOf(slot) });
  return fired;
}

function latestDailyIn(previousMs: number, tickMs: number): FiredSlot | null {
  const tradingDay = newYorkDateOf(tickMs - NIGHT_MS);
  if (!isTradingDay(tradingDay)) return null;
  const { closeMs, premarketOpenMs } = sessionBounds(tradingDay);
  const eveningMs = premarketOpenMs + EVENING_AFTER_PREMARKET_OPEN_MS;
  const slot = tickMs >= eveningMs ? eveningMs : closeMs;
  return slot > previousMs && slot <= tickMs ? { slot, trigger: "DAILY", tradingDay } : null;
}
