import type { Features, Input } from "@amc/schemas/generated/events";
import { addTradingDays } from "@amc/streams/market/calendar";
import { DAY_MS, dayNumberOf } from "@amc/streams/market/calendar-date";
import {
  newYorkDateOf,
  newYorkTimeOfDayMs,
  newYorkWallToUtc,
} from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";

/** What a features event says about the days its inputs are of. */
export type InputDays = Pick<Features, "tradingDay" | "completedSessions">;

/**
 * Instants, UTC ms, near which the first fact of an input was probably published; the likeliest first.
 * Evidence states the publication of the newest fact only, but its days are those of the exchange.
 */
export function firstPublications(
  { tradingDay, completedSessions }: InputDays,
  { role, count, publishedAt }: Pick<Input, "role" | "count" | "publishedAt">,
): readonly number[] {
  if (count === 1) return [publishedAt];
  switch (role) {
    case "sessionTicks":
      return openings(tradingDay);
    case "dailyBars":
      // A daily bar of then was published at the hour of today's, a tick when its session began.
      return [
        sessionsBefore(publishedAt, completedSessions - 1),
        ...openings(addTradingDays(tradingDay, -completedSessions)),
      ];
    case "volatilityHistory":
      return [sessionsBefore(publishedAt, count - 1)];
    default:
      return [publishedAt];
  }
}

/** When the first prices of a day come: with the regular session, or with the first of all. */
function openings(tradingDay: string): number[] {
  const { openMs, premarketOpenMs } = sessionBounds(tradingDay);
  return [openMs, premarketOpenMs];
}

/** The same time of day in New York, `count` trading days earlier. */
function sessionsBefore(atMs: number, count: number): number {
  const date = addTradingDays(newYorkDateOf(atMs), -count);
  return newYorkWallToUtc(dayNumberOf(date) * DAY_MS + newYorkTimeOfDayMs(atMs));
}
