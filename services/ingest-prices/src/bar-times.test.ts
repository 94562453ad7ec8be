import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { barTimes } from "./bar-times.ts";

describe("the times of a bar", () => {
  it("are its end, and of a day the close and the end of extended hours", () => {
    const minute = newYorkToUtc("2025-09-05", "10:00");
    const end = minute + MINUTE_MS;
    expect(barTimes(minute, MINUTE_MS, "x")).toEqual({ happenedAt: end, publishedAt: end });
    expect(barTimes(newYorkToUtc("2025-11-28", "00:00"), DAY_MS, "x")).toEqual({
      happenedAt: newYorkToUtc("2025-11-28", "13:00"),
      publishedAt: newYorkToUtc("2025-11-28", "17:00"),
    });
  });

  it.each([
    ["a Saturday", "2025-09-06"],
    ["Thanksgiving", "2025-11-27"],
    ["a day of mourning", "2025-01-09"],
  ])("are refused on %s, whatever its length", (_day, date) => {
    for (const intervalMs of [MINUTE_MS, DAY_MS]) {
      expect(() => barTimes(newYorkToUtc(date, "10:00"), intervalMs, "yahoo.date")).toThrow(
        expect.objectContaining({ code: "yahoo.date" }),
      );
    }
  });
});
