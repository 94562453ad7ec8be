import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";

/** The last trading day whose extended hours are over at an instant, UTC ms: before that nothing is public. */
export function newestOptionsDay(atMs: number): string {
  const today = tradingDayAtOrBefore(newYorkDateOf(atMs));
  return sessionBounds(today).afterhoursCloseMs <= atMs
    ? today
    : tradingDayAtOrBefore(addDays(today, -1));
}

/** The last trading day whose regular session is over at an instant, UTC ms: its quotes stand. */
export function newestClosedDay(atMs: number): string {
  const today = tradingDayAtOrBefore(newYorkDateOf(atMs));
  return sessionBounds(today).closeMs <= atMs ? today : tradingDayAtOrBefore(addDays(today, -1));
}
