import { RowRefusal } from "@amc/platform/http/collected";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { MarketTimeError } from "@amc/streams/market/errors";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";

/**
 * When a bar that begins at `startMs` happened and was public, UTC ms. The volume of a day holds
 * extended hours at every provider asked here, so a day is known when these have ended. Throws
 * RowRefusal `code` for a day on which nothing traded.
 */
export function barTimes(
  startMs: number,
  intervalMs: number,
  code: string,
): { readonly happenedAt: number; readonly publishedAt: number } {
  try {
    const { closeMs, afterhoursCloseMs } = sessionBounds(newYorkDateOf(startMs));
    if (intervalMs === DAY_MS) return { happenedAt: closeMs, publishedAt: afterhoursCloseMs };
    const endMs = startMs + intervalMs;
    return { happenedAt: endMs, publishedAt: endMs };
  } catch (error) {
    if (!(error instanceof MarketTimeError)) throw error;
    throw new RowRefusal(code, error.message);
  }
}
