import { DAY_MS } from "../../market/calendar-date.ts";
import {
  newYorkDayNumberOf,
  newYorkTimeOfDayMs,
  newYorkWallToUtc,
} from "../../market/event-time.ts";

/** R-DIS-10: cached discovery of earlier days goes at 05:00 in New York. */
const CLEARED_AT_MS = 5 * 3_600_000;

/**
 * Start of the day whose discovery is served at an instant, both UTC ms: midnight in New York of the
 * newest day that has reached 05:00. Answers of runs before it are stale; those of the same
 * morning, whose premarket begins at 04:00, are not.
 */
export function staleBefore(atMs: number): number {
  const day = newYorkDayNumberOf(atMs);
  const isCleared = newYorkTimeOfDayMs(atMs) >= CLEARED_AT_MS;
  return newYorkWallToUtc((isCleared ? day : day - 1) * DAY_MS);
}
