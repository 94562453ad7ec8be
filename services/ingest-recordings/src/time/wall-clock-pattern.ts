/**
 * Reads wall-clock text by a pattern of fields and literals. The pattern is compiled to a list of
 * steps, never to a regular expression: it comes from a manifest, and text from a file.
 */

/** Wall time in ms since 1970-01-01T00:00 on the clock the text was written from. */
export type WallClockParser = (text: string) => number | null;

type Field = "year" | "month" | "day" | "hour" | "minute" | "second" | "millisecond";

interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  afternoon: boolean | null;
}

/** Reads one step at `at` and returns where the next begins; -1 when the text does not fit. */
type Step = (text: string, at: number, into: WallTime) => number;

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Longest first, so that yyyy is not read as yy twice. */
const TOKENS: readonly (readonly [token: string, step: Step])[] = [
  ["yyyy", number("year", 4, 4)],
  ["yy", shortYear],
  ["MMM", monthName],
  ["MM", number("month", 2, 2)],
  ["M", number("month", 1, 2)],
  ["dd", number("day", 2, 2)],
  ["d", number("day", 1, 2)],
  ["HH", number("hour", 2, 2)],
  ["H", number("hour", 1, 2)],
  ["hh", number("hour", 2, 2)],
  ["h", number("hour", 1, 2)],
  ["mm", number("minute", 2, 2)],
  ["m", number("minute", 1, 2)],
  ["ss", number("second", 2, 2)],
  ["s", number("second", 1, 2)],
  ["SSS", number("millisecond", 3, 3)],
  ["a", halfDay],
];

/** True when a pattern names at least a full date and holds nothing unknown. */
export function isWallClockPattern(pattern: string): boolean {
  const tokens = tokensOf(pattern);
  if (tokens === null) return false;
  const named = (initial: string): boolean => tokens.some((token) => token.startsWith(initial));
  return named("y") && named("M") && named("d");
}

/** Throws RangeError for a pattern that `isWallClockPattern` refuses. */
export function wallClockParser(pattern: string): WallClockParser {
  const tokens = tokensOf(pattern);
  if (tokens === null || !isWallClockPattern(pattern)) {
    throw new RangeError(`not a wall-clock pattern: ${pattern}`);
  }
  const steps = tokens.map(stepOf);
  return (text) => {
    const wall: WallTime = {
      year: 0,
      month: 1,
      day: 1,
      hour: 0,
      minute: 0,
      second: 0,
      millisecond: 0,
      afternoon: null,
    };
    let at = 0;
    for (const step of steps) {
      at = step(text, at, wall);
      if (at < 0) return null;
    }
    return at === text.length ? wallMsOf(wall) : null;
  };
}

function tokensOf(pattern: string): string[] | null {
  const tokens: string[] = [];
  let at = 0;
  while (at < pattern.length) {
    const found = TOKENS.find(([token]) => pattern.startsWith(token, at));
    const token = found?.[0] ?? pattern.charAt(at);
    // T and Z are the only letters that stand for themselves.
    if (found === undefined && /[A-SU-Ya-z]/.test(token)) return null;
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

function stepOf(token: string): Step {
  const known = TOKENS.find(([name]) => name === token);
  if (known !== undefined) return known[1];
  return (text, at) => (text.startsWith(token, at) ? at + token.length : -1);
}

function number(field: Field, digitsMin: number, digitsMax: number): Step {
  return (text, at, into) => {
    let value = 0;
    let digits = 0;
    while (digits < digitsMax) {
      const digit = text.charCodeAt(at + digits) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      digits += 1;
    }
    if (digits < digitsMin) return -1;
    into[field] = value;
    return at + digits;
  };
}

/** POSIX: 69 to 99 are the 1900s, 00 to 68 the 2000s. */
function shortYear(text: string, at: number, into: WallTime): number {
  const next = number("year", 2, 2)(text, at, into);
  into.year += into.year >= 69 ? 1900 : 2000;
  return next;
}

function monthName(text: string, at: number, into: WallTime): number {
  const month = MONTHS.indexOf(text.slice(at, at + 3).toLowerCase());
  into.month = month + 1;
  return month < 0 ? -1 : at + 3;
}

function halfDay(text: string, at: number, into: WallTime): number {
  const half = text.slice(at, at + 2).toLowerCase();
  if (half !== "am" && half !== "pm") return -1;
  into.afternoon = half === "pm";
  return at + 2;
}

function wallMsOf(wall: WallTime): number | null {
  const { year, month, day, minute, second, millisecond } = wall;
  const hour = wall.afternoon === null ? wall.hour : hourOfHalf(wall.hour, wall.afternoon);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const dayMs = dateMs(year, month, day);
  if (dayMs === null) return null;
  return dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
}

function hourOfHalf(hour: number, afternoon: boolean): number {
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (afternoon ? 12 : 0);
}

/** Midnight of a civil date as wall ms; null for 31 February and its like. */
export function dateMs(year: number, month: number, day: number): number | null {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? ms : null;
}
