import { isCalendarDate } from "./calendar-date.ts";

const ISO_INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * UTC ms of an ISO 8601 instant with its offset, such as `2021-01-13T09:30:00-05:00`; null for any
 * other text. `Date.parse` alone would roll 30 February on to 2 March and 24:00 on to the next day.
 */
export function isoInstantMs(text: string): number | null {
  const date = ISO_INSTANT.exec(text)?.[1];
  if (date === undefined || !isCalendarDate(date)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
