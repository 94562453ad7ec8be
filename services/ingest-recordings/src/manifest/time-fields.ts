import { isCalendarDate } from "@amc/streams/market/calendar-date";
import { isoInstantMs } from "@amc/streams/market/iso-instant";
import { z } from "zod";
import { isWallClockPattern } from "../time/wall-clock-pattern.ts";
import { isTimeZone } from "../time/zoned-clock.ts";

export const timeZone = z
  .string()
  .refine(isTimeZone, {
    error: (issue) =>
      `must be an IANA time zone such as "America/New_York" or "UTC", was ${JSON.stringify(issue.input)}`,
  })
  .describe("IANA time zone of wall-clock stamps, for example America/New_York");

function isInstant(text: string): boolean {
  return isoInstantMs(text) !== null;
}

export const date = z
  .string()
  .refine(isCalendarDate, {
    error: (issue) => `must be a date such as 2021-01-13, was ${JSON.stringify(issue.input)}`,
  })
  .describe("yyyy-mm-dd");

export const dateOrInstant = z
  .string()
  .refine((text) => isCalendarDate(text) || isInstant(text), {
    error: (issue) =>
      `must be a date (2021-01-13) or an instant with offset (2021-01-13T09:30:00-05:00), was ${JSON.stringify(issue.input)}`,
  })
  .describe("yyyy-mm-dd, or an ISO 8601 instant with offset");

export const instant = z
  .string()
  .refine(isInstant, {
    error: (issue) =>
      `must be an instant with offset such as 2021-01-12T18:00:00-05:00, was ${JSON.stringify(issue.input)}`,
  })
  .describe("ISO 8601 instant with offset");

export const pattern = z
  .string()
  .refine(isWallClockPattern, {
    error: (issue) =>
      `must be made of yyyy yy MMM MM M dd d HH H hh h mm ss SSS a and separators, was ${JSON.stringify(issue.input)}`,
  })
  .describe(
    "Wall-clock pattern: yyyy yy MMM MM M dd d HH H hh h mm ss SSS a and literal separators, for example MM/dd/yyyy HH:mm",
  );

const INTERVAL = /^(\d+)(s|m|h|d)$/;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DAY_MS = UNIT_MS.d;

/** Milliseconds of `1m`, `30m`, `1h`, `1d` or of a number of ms; null when it is neither. */
function intervalMsOf(interval: string | number): number | null {
  if (typeof interval === "number") return interval;
  const match = INTERVAL.exec(interval);
  const count = Number(match?.[1]);
  const unit = match?.[2];
  if (unit !== "s" && unit !== "m" && unit !== "h" && unit !== "d") return null;
  return count * UNIT_MS[unit];
}

export const interval = z
  .union([z.int(), z.string()])
  .transform((text, context) => {
    const ms = intervalMsOf(text);
    if (ms !== null && ms >= 1000 && ms <= DAY_MS) return ms;
    context.addIssue({
      code: "custom",
      message: `must be a length from 1s to 1d such as "1m", "30m", "1h" or "1d" (or that many ms), was ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  })
  .describe("Length of one bar: 1s to 1d, written 1m, 30m, 1h, 1d, or in ms");

const marks = z
  .enum(["start", "end"])
  .describe("Whether the stamp is the start or the end of the bar; facts carry the end");

/** How the time column is written. `marks` matters for bars shorter than a day only. */
export const stamp = z
  .discriminatedUnion("unit", [
    z.strictObject({
      unit: z.enum(["s", "ms", "us", "ns"]).describe("Time since 1970 UTC, in this unit"),
      marks: marks.optional(),
      timeZone: timeZone.optional(),
    }),
    z.strictObject({
      unit: z
        .literal("iso")
        .describe("ISO 8601, T or blank between date and time; without offset a wall clock"),
      marks: marks.optional(),
      timeZone: timeZone.optional(),
    }),
    z.strictObject({
      unit: z.literal("wall-clock").describe("Written by `pattern`, read in `timeZone`"),
      pattern,
      marks: marks.optional(),
      timeZone: timeZone.optional(),
    }),
    z.strictObject({
      unit: z
        .enum(["s-of-day", "ms-of-day"])
        .describe("Time since local midnight; the date is the first yyyymmdd of the file name"),
      marks: marks.optional(),
      timeZone: timeZone.optional(),
    }),
  ])
  .meta({ id: "stamp", description: "How the time column is written" });

export type Stamp = z.output<typeof stamp>;
