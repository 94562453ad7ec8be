import { newYorkOffsetMs, newYorkWallToUtc } from "@amc/streams/market/event-time";

const HOUR_MS = 3_600_000;

/** Wall clock of one time zone. Wall times are ms since 1970-01-01T00:00 on that clock. */
export interface ZonedClock {
  readonly timeZone: string;
  /** Offset from UTC in ms at an instant, negative west of Greenwich. */
  readonly offsetMs: (epochMs: number) => number;
  /**
   * The instant at which the clock shows a wall time. A time skipped in spring moves ahead by the
   * gap; one shown twice in autumn is the first.
   */
  readonly toUtc: (wallMs: number) => number;
}

const clocks = new Map<string, ZonedClock>();

export function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The clock of an IANA zone; New York is answered by the market calendar's own arithmetic. */
export function zonedClock(timeZone: string): ZonedClock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = clockOf(timeZone);
  clocks.set(timeZone, clock);
  return clock;
}

function clockOf(timeZone: string): ZonedClock {
  if (timeZone === "America/New_York") {
    return { timeZone, offsetMs: newYorkOffsetMs, toUtc: newYorkWallToUtc };
  }
  if (timeZone === "UTC") return { timeZone, offsetMs: () => 0, toUtc: (wallMs) => wallMs };
  const offsetMs = hourlyOffsets(timeZone);
  return {
    timeZone,
    offsetMs,
    toUtc: (wallMs) => {
      // Zones are at most 14 h from UTC, so the two neighbours bracket any change.
      const before = offsetMs(wallMs - 15 * HOUR_MS);
      const asBefore = wallMs - before;
      if (offsetMs(asBefore) === before) return asBefore;
      const after = offsetMs(wallMs + 15 * HOUR_MS);
      const asAfter = wallMs - after;
      return offsetMs(asAfter) === after ? asAfter : asBefore;
    },
  };
}

/** Intl answers a few thousand questions a second, so each quarter of an hour is asked once. */
function hourlyOffsets(timeZone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const quarterMs = HOUR_MS / 4;
  const known = new Map<number, number>();
  return (epochMs) => {
    const quarter = Math.floor(epochMs / quarterMs);
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = wallMsOf(format, quarter * quarterMs) - quarter * quarterMs;
      known.set(quarter, offset);
    }
    return offset;
  };
}

function wallMsOf(format: Intl.DateTimeFormat, epochMs: number): number {
  const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return Date.UTC(
    read("year"),
    read("month") - 1,
    read("day"),
    read("hour"),
    read("minute"),
    read("second"),
  );
}
