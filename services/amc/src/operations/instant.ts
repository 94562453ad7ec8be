import type { EventRange } from "@amc/replay/compare-logs";
import { DAY_MS, dayNumberOf, isCalendarDate } from "@amc/streams/market/calendar-date";
import { newYorkToUtc, newYorkWallToUtc } from "@amc/streams/market/event-time";
import { isoInstantMs } from "@amc/streams/market/iso-instant";
import type { CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

const NEW_YORK_WALL = /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d)$/;
const INSTANT_HINT =
  "an instant such as 2021-01-13T15:15:00Z, or New York time such as 2021-01-13T10:15";

/**
 * An instant in ms: `2021-01-13T15:15:00Z`, or `2021-01-13T10:15` for the clock of New York. The
 * zone of the machine plays no part. Throws a usage error that names the option.
 */
export function readInstant(option: string, text: string): number {
  const ms = instantMs(text);
  if (ms !== null) return ms;
  throw usage(`--${option} takes ${INSTANT_HINT}, was "${text}"`);
}

/**
 * `--from` and `--to`, both included and open where they are not given: an instant as `readInstant`
 * takes it, or a day, which begins and ends at midnight in New York. Throws a usage error that names
 * the option.
 */
export function readRange(words: CommandWords): EventRange {
  const from = words.text("from");
  const to = words.text("to");
  const fromMs = from === undefined ? -Infinity : readEnd("from", from);
  const toMs = to === undefined ? Infinity : readEnd("to", to);
  if (fromMs <= toMs) return { fromMs, toMs };
  throw usage(`--to ${to} lies before --from ${from}: give the earlier one as --from`);
}

function readEnd(option: "from" | "to", text: string): number {
  if (isCalendarDate(text)) {
    const midnight = dayNumberOf(text) * DAY_MS;
    return option === "from" ? newYorkWallToUtc(midnight) : newYorkWallToUtc(midnight + DAY_MS) - 1;
  }
  const ms = instantMs(text);
  if (ms !== null) return ms;
  throw usage(`--${option} takes a day such as 2021-01-13, ${INSTANT_HINT}; was "${text}"`);
}

function instantMs(text: string): number | null {
  const [, date, time] = NEW_YORK_WALL.exec(text) ?? [];
  if (date === undefined || time === undefined) return isoInstantMs(text);
  return isCalendarDate(date) ? newYorkToUtc(date, time) : null;
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
