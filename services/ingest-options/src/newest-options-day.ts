import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";

/** OPRA's quotes are free after a quarter of an hour: then what is stated after the close is the close. */
export const QUOTE_DELAY_MS = 15 * MINUTE_MS;

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
