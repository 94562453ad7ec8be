import { DAY_MS, dateOfDayNumber, dayNumberOf } from "./calendar-date.ts";
import { MarketTimeError } from "./errors.ts";

const HOUR_MS = 3_600_000;
/** New York has known these two offsets only since 1945's war time ended. */
const EASTERN_DAYLIGHT_MS = -4 * HOUR_MS;
const EASTERN_STANDARD_MS = -5 * HOUR_MS;

/** 9999-12-31 ends here; ISO years are longer after it, and events do not lie before 1970. */
const PLAIN_ISO_END_MS = 253_402_300_800_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));

let lastIsoMs = Number.NaN;
let lastIso = "";
let lastIsoDay = Number.NaN;
let lastIsoDate = "";

/**
 * `2021-01-13T14:30:00.000Z`, as `Date` prints it. Events of one slice share instants and those of
 * one replay days, so the last instant and the last date are kept.
 */
export function isoUtc(epochMs: number): string {
  if (epochMs !== lastIsoMs) {
    lastIso = formatIsoUtc(epochMs);
    lastIsoMs = epochMs;
  }
  return lastIso;
}

function formatIsoUtc(epochMs: number): string {
  if (!(Number.isInteger(epochMs) && epochMs >= 0 && epochMs < PLAIN_ISO_END_MS)) {
    return new Date(validInstant(epochMs)).toISOString();
  }
  const dayNumber = Math.floor(epochMs / DAY_MS);
  if (dayNumber !== lastIsoDay) {
    lastIsoDate = dateOfDayNumber(dayNumber);
    lastIsoDay = dayNumber;
  }
  const timeMs = epochMs - dayNumber * DAY_MS;
  const hours = TWO_DIGITS[Math.floor(timeMs / HOUR_MS)];
  const minutes = TWO_DIGITS[Math.floor(timeMs / 60_000) % 60];
  const seconds = TWO_DIGITS[Math.floor(timeMs / 1000) % 60];
  const millis = timeMs % 1000 === 0 ? "000" : String(timeMs % 1000).padStart(3, "0");
  return `${lastIsoDate}T${hours}:${minutes}:${seconds}.${millis}Z`;
}

/** Offset of New York's wall clock from UTC in ms, negative: -14400000 in summer. */
export function newYorkOffsetMs(epochMs: number): number {
  if (!(epochMs >= currentYear.startMs && epochMs < currentYear.endMs)) {
    currentYear = daylightYearOf(new Date(validInstant(epochMs)).getUTCFullYear());
  }
  return epochMs >= currentYear.daylightFromMs && epochMs < currentYear.daylightToMs
    ? EASTERN_DAYLIGHT_MS
    : EASTERN_STANDARD_MS;
}

/** Calendar date in New York, as a day number (see `dayNumberOf`). */
export function newYorkDayNumberOf(epochMs: number): number {
  return Math.floor((epochMs + newYorkOffsetMs(epochMs)) / DAY_MS);
}

/** Calendar date `yyyy-mm-dd` in New York; not yet a trading date, see `tradingDayOf`. */
export function newYorkDateOf(epochMs: number): string {
  return dateOfDayNumber(newYorkDayNumberOf(epochMs));
}

/** Wall clock in New York as ms since its midnight, 0 to 86399999. */
export function newYorkTimeOfDayMs(epochMs: number): number {
  const wallMs = epochMs + newYorkOffsetMs(epochMs);
  return wallMs - Math.floor(wallMs / DAY_MS) * DAY_MS;
}

/**
 * The instant (UTC ms) at which New York's wall clock shows `time` (`HH:MM` or `HH:MM:SS`) on
 * `date`. A time that the clock skips in March moves one hour ahead; one that it shows twice in
 * November is the first. Throws `market-time.invalid-date` or `market-time.invalid-time`.
 */
export function newYorkToUtc(date: string, time: string): number {
  return newYorkWallToUtc(dayNumberOf(date) * DAY_MS + timeOfDayMs(time));
}

/** As `newYorkToUtc`, from wall clock ms since 1970-01-01T00:00 in New York. */
export function newYorkWallToUtc(wallMs: number): number {
  const asDaylight = wallMs - EASTERN_DAYLIGHT_MS;
  return newYorkOffsetMs(asDaylight) === EASTERN_DAYLIGHT_MS
    ? asDaylight
    : wallMs - EASTERN_STANDARD_MS;
}

/** Milliseconds since midnight of `HH:MM` or `HH:MM:SS`, 00:00 to 23:59:59. */
function timeOfDayMs(time: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(time);
  if (match === null) {
    const message = `time must be HH:MM or HH:MM:SS, was "${time}"`;
    throw new MarketTimeError("market-time.invalid-time", message, { time });
  }
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

/** One UTC year and the span of daylight time in it. */
interface DaylightYear {
  readonly startMs: number;
  readonly endMs: number;
  readonly daylightFromMs: number;
  readonly daylightToMs: number;
}

const daylightYears = new Map<number, DaylightYear>();
const newYorkHour = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  hour: "2-digit",
});
let currentYear: DaylightYear = daylightYearOf(1970);

/**
 * Asks the time-zone data of the runtime where the two changes of a year are: about 50 questions
 * per year in place of one per event.
 */
function daylightYearOf(year: number): DaylightYear {
  const known = daylightYears.get(year);
  if (known !== undefined) return known;
  const startMs = Date.UTC(year, 0, 1);
  const midsummerMs = Date.UTC(year, 6, 1);
  const endMs = Date.UTC(year + 1, 0, 1);
  const found: DaylightYear = {
    startMs,
    endMs,
    daylightFromMs: firstHourWhere(startMs, midsummerMs, isDaylight),
    daylightToMs: firstHourWhere(midsummerMs, endMs, (atMs) => !isDaylight(atMs)),
  };
  daylightYears.set(year, found);
  return found;
}

/** Bisects to the first whole hour in (fromMs, toMs] at which `holds`; it must hold at the end. */
function firstHourWhere(fromMs: number, toMs: number, holds: (atMs: number) => boolean): number {
  let low = fromMs / HOUR_MS;
  let high = toMs / HOUR_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle * HOUR_MS)) high = middle;
    else low = middle;
  }
  return high * HOUR_MS;
}

function isDaylight(epochMs: number): boolean {
  const utcHour = new Date(epochMs).getUTCHours();
  return (utcHour - Number(newYorkHour.format(epochMs)) + 24) % 24 === 4;
}

/** `Date` holds 8.64e15 ms on either side of 1970. */
function validInstant(epochMs: number): number {
  if (Math.abs(epochMs) <= 8.64e15) return epochMs;
  const message = `instant must be milliseconds since 1970 within Date's range, was ${epochMs}`;
  throw new MarketTimeError("market-time.invalid-instant", message, { epochMs });
}
