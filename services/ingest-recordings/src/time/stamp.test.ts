import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowError } from "../facts/row-error.ts";
import { dayNumberInName, stampReader } from "./stamp.ts";
import { isWallClockPattern, wallClockParser } from "./wall-clock-pattern.ts";
import { zonedClock } from "./zoned-clock.ts";

const NEW_YORK = "America/New_York";

function instantOf(
  stamp: Parameters<typeof stampReader>[0],
  text: string,
  zone = NEW_YORK,
): string {
  const { epochMs } = stampReader(stamp, zone, dayNumberInName("20131008_trade.csv"))(text, 1);
  return new Date(epochMs).toISOString();
}

describe("stampReader", () => {
  it.each([
    ["s", "1610548200", "2021-01-13T14:30:00.000Z"],
    ["s", "1610548200.25", "2021-01-13T14:30:00.250Z"],
    ["ms", "1610548200250", "2021-01-13T14:30:00.250Z"],
    ["us", "1610548200250999", "2021-01-13T14:30:00.250Z"],
    // As a double this would be 1610548199999.9999 ms.
    ["ns", "1610548200000000001", "2021-01-13T14:30:00.000Z"],
  ] as const)("reads %s since 1970: %s", (unit, text, expected) => {
    expect(instantOf({ unit }, text)).toBe(expected);
  });

  it.each([
    ["2021-01-13T14:30:00Z", "2021-01-13T14:30:00.000Z"],
    ["2021-01-13 09:30:00-05:00", "2021-01-13T14:30:00.000Z"],
    ["2021-01-13T09:30:00.123456-0500", "2021-01-13T14:30:00.123Z"],
    ["2021-01-13 09:30", "2021-01-13T14:30:00.000Z"],
    ["2021-07-13 09:30", "2021-07-13T13:30:00.000Z"],
    ["2021-01-13", "2021-01-13T05:00:00.000Z"],
  ])("reads ISO 8601, New York's wall clock where it has no offset: %s", (text, expected) => {
    expect(instantOf({ unit: "iso" }, text)).toBe(expected);
  });

  it("keeps a date apart from midnight", () => {
    const read = stampReader({ unit: "iso" }, NEW_YORK, null);
    expect(read("2021-01-13", 1).hasTime).toBe(false);
    expect(read("2021-01-13 00:00", 1).hasTime).toBe(true);
  });

  it("follows the change to summer time between two days (2021-03-12 and 2021-03-15)", () => {
    const stamp = { unit: "wall-clock", pattern: "MM/dd/yyyy HH:mm" } as const;
    expect(instantOf(stamp, "03/12/2021 09:30")).toBe("2021-03-12T14:30:00.000Z");
    expect(instantOf(stamp, "03/15/2021 09:30")).toBe("2021-03-15T13:30:00.000Z");
  });

  it("counts from New York's midnight of the date in the file name", () => {
    expect(instantOf({ unit: "ms-of-day" }, "34200000")).toBe("2013-10-08T13:30:00.000Z");
    expect(instantOf({ unit: "s-of-day" }, "34200")).toBe("2013-10-08T13:30:00.000Z");
    const withoutDate = stampReader({ unit: "ms-of-day" }, NEW_YORK, dayNumberInName("trades.csv"));
    expect(() => withoutDate("34200000", 1)).toThrow("a file whose name holds a date yyyymmdd");
  });

  it.each([
    [{ unit: "s" }, "yesterday"],
    [{ unit: "s" }, "-5"],
    [{ unit: "s" }, "1e9"],
    [{ unit: "s" }, "99999999999999999999"],
    [{ unit: "iso" }, "2021-02-30"],
    [{ unit: "iso" }, "13.01.2021"],
    [{ unit: "iso" }, "2021-01-13 24:00"],
    [{ unit: "wall-clock", pattern: "yyyy-MM-dd" }, "2021-1-13"],
    [{ unit: "ms-of-day" }, "90000000"],
  ] as const)("refuses %j of %j and names what it must be", (stamp, text) => {
    const read = stampReader(stamp, NEW_YORK, 0);
    expect(() => read(text, 7)).toThrow(RowError);
    expect(() => read(text, 7)).toThrow(/^stamp must be /);
  });
});

describe("wallClockParser", () => {
  it.each([
    ["M/d/yyyy", "1/2/1990", "1990-01-02T00:00:00.000Z"],
    ["MMM d yyyy", "Feb 29 2000", "2000-02-29T00:00:00.000Z"],
    ["yyyyMMdd HH:mm", "20210219 00:00", "2021-02-19T00:00:00.000Z"],
    ["dd.MM.yy H:mm:ss.SSS", "05.03.69 7:08:09.010", "1969-03-05T07:08:09.010Z"],
    ["yyyy-MM-ddTHH:mm", "2021-01-13T09:30", "2021-01-13T09:30:00.000Z"],
    ["M/d/yyyy h:mm a", "1/13/2021 12:05 AM", "2021-01-13T00:05:00.000Z"],
    ["M/d/yyyy h:mm a", "1/13/2021 12:05 pm", "2021-01-13T12:05:00.000Z"],
  ])("reads %s: %s", (pattern, text, expected) => {
    const wallMs = wallClockParser(pattern)(text);
    expect(wallMs === null ? null : new Date(wallMs).toISOString()).toBe(expected);
  });

  it.each([
    ["M/d/yyyy", "13/1/2021"],
    ["M/d/yyyy", "2/29/2021"],
    ["M/d/yyyy", "1/2/2021 x"],
    ["M/d/yyyy h:mm a", "1/2/2021 13:00 PM"],
    ["yyyyMMdd", "2021011"],
  ])("reads %s of %j as no time", (pattern, text) => {
    expect(wallClockParser(pattern)(text)).toBeNull();
  });

  it("refuses patterns with unknown letters or without a whole date", () => {
    expect(
      ["yyyy-MM-dd", "HH:mm", "yyyy-MM", "YYYY-MM-dd", "yyyy-DDD"].map(isWallClockPattern),
    ).toEqual([true, false, false, false, false]);
  });
});

describe("zonedClock", () => {
  it("is undone by its offset at every instant a clock shows once", () => {
    const instants = fc.integer({ min: Date.UTC(1998, 0), max: Date.UTC(2027, 0) });
    const zones = fc.constantFrom("Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC");
    fc.assert(
      fc.property(instants, zones, (epochMs, zone) => {
        const clock = zonedClock(zone);
        const wallMs = epochMs + clock.offsetMs(epochMs);
        const back = clock.toUtc(wallMs);
        // In autumn an hour is shown twice; the first is meant then.
        expect(back + clock.offsetMs(back)).toBe(wallMs);
        expect(back).toBeLessThanOrEqual(epochMs);
      }),
    );
  });

  it("knows London's summer and Kolkata's half hour", () => {
    const wall = (text: string): number => Date.parse(`${text}Z`);
    const iso = (ms: number): string => new Date(ms).toISOString();
    expect(iso(zonedClock("Europe/London").toUtc(wall("2021-07-01T09:30:00")))).toBe(
      "2021-07-01T08:30:00.000Z",
    );
    expect(iso(zonedClock("Asia/Kolkata").toUtc(wall("2021-07-01T09:30:00")))).toBe(
      "2021-07-01T04:00:00.000Z",
    );
  });
});
