import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isoUtc,
  newYorkDateOf,
  newYorkOffsetMs,
  newYorkTimeOfDayMs,
  newYorkToUtc,
} from "./event-time.ts";

const wallClock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/New_York",
  dateStyle: "short",
  timeStyle: "medium",
});
/** Instants from 1970 to 2037, whole seconds. */
const instant = fc.integer({ min: 0, max: 2_145_916_800 }).map((seconds) => seconds * 1000);

describe("isoUtc", () => {
  it("equals Date's ISO form, also when the same instant is asked for again", () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1 }), (instants) => {
        for (const epochMs of [...instants, ...instants]) {
          expect(isoUtc(epochMs)).toBe(new Date(epochMs).toISOString());
          expect(isoUtc(epochMs)).toBe(new Date(epochMs).toISOString());
        }
      }),
    );
  });

  it("equals Date's ISO form to the millisecond, before 1970 and after 9999 too", () => {
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.nat(4e12), (far, near) => {
        expect(isoUtc(far)).toBe(new Date(far).toISOString());
        expect(isoUtc(near)).toBe(new Date(near).toISOString());
      }),
    );
  });

  it("refuses what is not an instant", () => {
    for (const epochMs of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) {
      expect(() => isoUtc(epochMs)).toThrow(
        expect.objectContaining({ code: "market-time.invalid-instant" }),
      );
    }
  });
});

describe("New York's wall clock", () => {
  it("equals Intl's for any second since 1970", () => {
    fc.assert(
      fc.property(instant, (epochMs) => {
        const [date = "", time = ""] = wallClock.format(epochMs).split(" ");
        expect(newYorkDateOf(epochMs)).toBe(date);
        const seconds = newYorkTimeOfDayMs(epochMs) / 1000;
        const [hour, minute, second] = time.split(":").map(Number);
        expect([Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]).toEqual([
          hour,
          minute,
          second,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it("leads back to the instant whenever the clock shows a time only once", () => {
    fc.assert(
      fc.property(instant, (epochMs) => {
        const [date = "", time = ""] = wallClock.format(epochMs).split(" ");
        const back = newYorkToUtc(date, time);
        expect(wallClock.format(back)).toBe(`${date} ${time}`);
        expect([0, 3_600_000]).toContain(epochMs - back);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["2025-03-09", "01:59:59", "2025-03-09T06:59:59.000Z"],
    ["2025-03-09", "03:00", "2025-03-09T07:00:00.000Z"],
    ["2025-11-02", "00:59:59", "2025-11-02T04:59:59.000Z"],
    ["2025-11-02", "02:00", "2025-11-02T07:00:00.000Z"],
    ["2006-04-02", "03:00", "2006-04-02T07:00:00.000Z"],
    ["2006-10-29", "02:00", "2006-10-29T07:00:00.000Z"],
    ["1974-01-07", "09:30", "1974-01-07T13:30:00.000Z"],
    ["2021-01-13", "09:30", "2021-01-13T14:30:00.000Z"],
  ])("%s %s is %s", (date, time, utc) => {
    expect(isoUtc(newYorkToUtc(date, time))).toBe(utc);
  });

  it("moves a skipped time ahead and takes the first of a repeated one", () => {
    expect(isoUtc(newYorkToUtc("2025-03-09", "02:30"))).toBe("2025-03-09T07:30:00.000Z");
    expect(isoUtc(newYorkToUtc("2025-11-02", "01:30"))).toBe("2025-11-02T05:30:00.000Z");
  });

  it("changes to the second at the instants of 2025 and 2026 that domain-facts §2 lists", () => {
    for (const date of ["2025-03-09", "2026-03-08"]) {
      const changeMs = newYorkToUtc(date, "03:00");
      expect([newYorkOffsetMs(changeMs - 1), newYorkOffsetMs(changeMs)]).toEqual([-18e6, -14.4e6]);
    }
    for (const date of ["2025-11-02", "2026-11-01"]) {
      const changeMs = newYorkToUtc(date, "02:00") - 3_600_000;
      expect([newYorkOffsetMs(changeMs - 1), newYorkOffsetMs(changeMs)]).toEqual([-14.4e6, -18e6]);
    }
  });

  it.each(["", "9:30", "24:00", "09:60", "09:30:60", "09:30:00.5", "09-30"])(
    "refuses the time %j with a stable code",
    (time) => {
      expect(() => newYorkToUtc("2021-01-13", time)).toThrow(
        expect.objectContaining({ code: "market-time.invalid-time", facts: { time } }),
      );
    },
  );
});
