import { nextTradingDay, previousTradingDay } from "./calendar.ts";
import { MINUTE_MS } from "./calendar-date.ts";
import { MarketTimeError } from "./errors.ts";
import { newYorkDateOf } from "./event-time.ts";
import { type SessionBounds, sessionBounds, sessionBoundsAt } from "./sessions.ts";

/** Which sessions have discovery runs beside the regular one, which always has. */
export interface DiscoverySessions {
  readonly premarket: boolean;
  readonly afterhours: boolean;
}

const PREMARKET_OPEN_MINUTE = 4 * 60;
/** Longest regular session; a rarer slot would leave trading days without any. */
const EVERY_MINUTES_MAX = 390;

/**
 * Slots in [fromMs, toMs), ascending, UTC ms. A slot is an instant whose wall clock in New York is
 * a multiple of `everyMinutes` since midnight and lies in an enabled session; sessions are
 * half-open (domain-facts §2), so 09:30 is a regular slot and 16:00 an afterhours one.
 * Throws `market-time.invalid-frequency` unless `everyMinutes` is a whole number from 1 to 390.
 */
export function discoverySlots(
  fromMs: number,
  toMs: number,
  everyMinutes: number,
  sessions: DiscoverySessions,
): number[] {
  checkFrequency(everyMinutes);
  const slots: number[] = [];
  if (!(fromMs < toMs)) return slots;
  let bounds = sessionBoundsAt(fromMs) ?? sessionBounds(nextTradingDay(newYorkDateOf(fromMs)));
  while (bounds.premarketOpenMs < toMs) {
    const endMs = Math.min(discoveryEndMs(bounds, sessions), toMs);
    let slotMs = firstSlotMs(bounds, everyMinutes, sessions);
    for (; slotMs < endMs; slotMs += everyMinutes * MINUTE_MS) {
      if (slotMs >= fromMs) slots.push(slotMs);
    }
    bounds = sessionBounds(nextTradingDay(bounds.date));
  }
  return slots;
}

/**
 * The last slot s with `previousMs` < s <= `epochMs`, null when there is none: what a stage asks
 * at each tick. `previousMs` may be -Infinity when no tick came before.
 */
export function latestSlotIn(
  previousMs: number,
  epochMs: number,
  everyMinutes: number,
  sessions: DiscoverySessions,
): number | null {
  checkFrequency(everyMinutes);
  let bounds = sessionBoundsAt(epochMs) ?? sessionBoundsBefore(newYorkDateOf(epochMs));
  while (discoveryEndMs(bounds, sessions) > previousMs) {
    const slotMs = lastSlotMs(bounds, epochMs, everyMinutes, sessions);
    if (slotMs !== null) return slotMs > previousMs ? slotMs : null;
    bounds = sessionBoundsBefore(bounds.date);
  }
  return null;
}

function sessionBoundsBefore(date: string): SessionBounds {
  return sessionBounds(previousTradingDay(date));
}

function discoveryEndMs(bounds: SessionBounds, sessions: DiscoverySessions): number {
  return sessions.afterhours ? bounds.afterhoursCloseMs : bounds.closeMs;
}

function firstSlotMs(
  bounds: SessionBounds,
  everyMinutes: number,
  sessions: DiscoverySessions,
): number {
  const startMs = sessions.premarket ? bounds.premarketOpenMs : bounds.openMs;
  const startMinute = PREMARKET_OPEN_MINUTE + (startMs - bounds.premarketOpenMs) / MINUTE_MS;
  return instantOfMinute(bounds, Math.ceil(startMinute / everyMinutes) * everyMinutes);
}

function lastSlotMs(
  bounds: SessionBounds,
  epochMs: number,
  everyMinutes: number,
  sessions: DiscoverySessions,
): number | null {
  const atMs = Math.min(epochMs, discoveryEndMs(bounds, sessions) - 1);
  const minute = PREMARKET_OPEN_MINUTE + (atMs - bounds.premarketOpenMs) / MINUTE_MS;
  const slotMs = instantOfMinute(bounds, Math.floor(minute / everyMinutes) * everyMinutes);
  return slotMs >= firstSlotMs(bounds, everyMinutes, sessions) ? slotMs : null;
}

/** The clock changes at 02:00, so from 04:00 on minutes of the wall clock are minutes. */
function instantOfMinute(bounds: SessionBounds, minuteOfDay: number): number {
  return bounds.premarketOpenMs + (minuteOfDay - PREMARKET_OPEN_MINUTE) * MINUTE_MS;
}

function checkFrequency(everyMinutes: number): void {
  if (Number.isInteger(everyMinutes) && everyMinutes >= 1 && everyMinutes <= EVERY_MINUTES_MAX) {
    return;
  }
  const message = `slots need a whole number of minutes from 1 to ${EVERY_MINUTES_MAX}, was ${everyMinutes}`;
  throw new MarketTimeError("market-time.invalid-frequency", message, { everyMinutes });
}
