import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays,
  dateOfDayNumber,
  dayNumberOf,
  daysBetween,
  isCalendarDate,
  lastDateOfMonth,
  weekdayOf,
} from "./calendar-date.ts";

describe("calendar dates", () => {
  it("agree with Date in both directions over four centuries", () => {
    fc.assert(
      fc.property(fc.integer({ min: -90_000, max: 90_000 }), (dayNumber) => {
        const date = new Date(dayNumber * 86_400_000).toISOString().slice(0, 10);
        expect(dayNumberOf(date)).toBe(dayNumber);
        expect(isCalendarDate(date)).toBe(true);
        expect(dateOfDayNumber(dayNumber)).toBe(date);
        expect(weekdayOf(date)).toBe(new Date(`${date}T00:00:00Z`).getUTCDay());
      }),
    );
  });

  it("cross month, year and leap-day boundaries", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2025-02-28", 1)).toBe("2025-03-01");
    expect(addDays("2021-01-01", -1)).toBe("2020-12-31");
    expect(daysBetween("2020-01-01", "2021-01-01")).toBe(366);
    expect(lastDateOfMonth(2024, 2)).toBe("2024-02-29");
    expect(lastDateOfMonth(1900, 2)).toBe("1900-02-28");
    expect(lastDateOfMonth(2025, 4)).toBe("2025-04-30");
  });

  it.each([
    "",
    "2021-1-13",
    "2021-02-29",
    "2021-13-01",
    "2021-00-10",
    "2021-04-31",
    "20210113",
    "2021/01/13",
    "2021-01-13T00:00",
    "２021-01-13",
  ])("refuse %j with a stable code", (date) => {
    expect(() => dayNumberOf(date)).toThrow(
      expect.objectContaining({ code: "market-time.invalid-date", facts: { date } }),
    );
    expect(isCalendarDate(date)).toBe(false);
  });
});
