import { DAY_MS } from "@amc/streams/market/calendar-date";
import { RowError } from "../facts/row-error.ts";
import type { Stamp } from "../manifest/time-fields.ts";
import { dateMs, wallClockParser } from "./wall-clock-pattern.ts";
import { zonedClock } from "./zoned-clock.ts";

/** What one stamp says. */
export interface StampReading {
  /** The instant, UTC ms. */
  readonly epochMs: number;
  /** The date as written or, for times since 1970, in the zone of the stamp; day number. */
  readonly dayNumber: number;
  /** False when the text is a date and nothing else. */
  readonly hasTime: boolean;
}

/** Throws RowError `stamp.invalid` for text that is not written as the manifest says. */
export type StampReader = (text: string, column: number | null) => StampReading;

const HOUR_MS = 3_600_000;
/** What `Date` can hold. */
const DATE_MS_MAX = 8.64e15;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const DECIMAL = /^(\d{1,20})(?:\.(\d{1,12}))?$/;
/** Decimal places by which a unit is smaller than a second. */
const PLACES = { s: 0, ms: 3, us: 6, ns: 9, "s-of-day": 0, "ms-of-day": 3 } as const;

/**
 * A reader for one file. `fileDay` is the date in the file's name as a day number, for stamps that
 * count from midnight; null when it has none.
 */
export function stampReader(
  stamp: Stamp,
  defaultZone: string,
  fileDay: number | null,
): StampReader {
  const clock = zonedClock(stamp.timeZone ?? defaultZone);
  const fromWall = (wallMs: number, hasTime: boolean): StampReading => ({
    epochMs: clock.toUtc(wallMs),
    dayNumber: Math.floor(wallMs / DAY_MS),
    hasTime,
  });
  switch (stamp.unit) {
    case "iso":
      return (text, column) => isoReading(text, column, fromWall);
    case "wall-clock": {
      const parse = wallClockParser(stamp.pattern);
      const hasTime = /[Hh]/.test(stamp.pattern);
      return (text, column) => {
        const wallMs = parse(text);
        if (wallMs === null) throw invalid(text, `a time written ${stamp.pattern}`, column);
        return fromWall(wallMs, hasTime);
      };
    }
    case "s-of-day":
    case "ms-of-day": {
      const places = PLACES[stamp.unit];
      return (text, column) => {
        if (fileDay === null) {
          throw invalid(text, "in a file whose name holds a date yyyymmdd", column);
        }
        const sinceMidnightMs = wholeMs(text, places);
        if (sinceMidnightMs === null || sinceMidnightMs > DAY_MS) {
          throw invalid(text, `a time of day in ${stamp.unit === "s-of-day" ? "s" : "ms"}`, column);
        }
        return fromWall(fileDay * DAY_MS + sinceMidnightMs, true);
      };
    }
    default: {
      const places = PLACES[stamp.unit];
      return (text, column) => {
        const epochMs = wholeMs(text, places);
        if (epochMs === null || epochMs > DATE_MS_MAX) {
          throw invalid(text, `a number of ${stamp.unit} since 1970; is the unit right?`, column);
        }
        const dayNumber = Math.floor((epochMs + clock.offsetMs(epochMs)) / DAY_MS);
        return { epochMs, dayNumber, hasTime: true };
      };
    }
  }
}

/**
 * Whole ms of a decimal count, rounded down; null when the text is none. Digits are moved and not
 * divided: nanoseconds since 1970 have more of them than a double holds.
 */
function wholeMs(text: string, places: number): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, whole = "", fraction = ""] = match;
  const drop = places - 3;
  if (drop <= 0) return Number(whole + fraction.padEnd(-drop, "0").slice(0, -drop || 0));
  return Number(whole.slice(0, -drop) || "0");
}

function isoReading(
  text: string,
  column: number | null,
  fromWall: (wallMs: number, hasTime: boolean) => StampReading,
): StampReading {
  const match = ISO.exec(text);
  const wallMs = match === null ? null : isoWallMs(match);
  if (match === null || wallMs === null) throw invalid(text, "an ISO 8601 time", column);
  const hasTime = match[4] !== undefined;
  const offset = match[8];
  if (offset === undefined) return fromWall(wallMs, hasTime);
  return {
    epochMs: wallMs - isoOffsetMs(offset),
    dayNumber: Math.floor(wallMs / DAY_MS),
    hasTime,
  };
}

function isoWallMs(match: RegExpExecArray): number | null {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const midnightMs = dateMs(Number(year), Number(month), Number(day));
  const inRange = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (midnightMs === null || !inRange) return null;
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  return midnightMs + (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + ms;
}

function isoOffsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const sign = offset.startsWith("-") ? -1 : 1;
  const digits = offset.slice(1).replace(":", "").padEnd(4, "0");
  return sign * (Number(digits.slice(0, 2)) * HOUR_MS + Number(digits.slice(2)) * 60_000);
}

function invalid(text: string, expected: string, column: number | null): RowError {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return new RowError("stamp.invalid", `stamp must be ${expected}, was "${shown}"`, column);
}

/** Day number of the first yyyymmdd or yyyy-mm-dd in a file name; null when there is none. */
export function dayNumberInName(fileName: string): number | null {
  const match = /(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(fileName);
  if (match === null) return null;
  const ms = dateMs(Number(match[1]), Number(match[2]), Number(match[3]));
  return ms === null ? null : ms / DAY_MS;
}
