import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addTradingDays,
  isEarlyClose,
  isTradingDay,
  nextTradingDay,
  previousTradingDay,
  tradingDayAtOrAfter,
  tradingDayAtOrBefore,
  tradingDaysBetween,
  tradingDaysIn,
} from "./calendar.ts";
import { AD_HOC_CLOSURES, CALENDAR_FIRST_DATE, CALENDAR_LAST_DATE } from "./calendar-data.ts";
import { addDays, dateOfDayNumber, dayNumberOf, weekdayOf } from "./calendar-date.ts";

const date = fc
  .integer({ min: dayNumberOf("1998-02-01"), max: dayNumberOf("2028-11-30") })
  .map(dateOfDayNumber);

/** Weekdays on which the exchanges were closed or closed early in a year. */
function specialDays(year: number): { closed: string[]; early: string[] } {
  const closed: string[] = [];
  const early: string[] = [];
  for (let day = `${year}-01-01`; day <= `${year}-12-31`; day = addDays(day, 1)) {
    if (isEarlyClose(day)) early.push(day.slice(5));
    if (!isTradingDay(day) && weekdayOf(day) % 6 !== 0) closed.push(day.slice(5));
  }
  return { closed, early };
}

describe("the exchange calendar", () => {
  it("has the closures and 13:00 closes of 2025 and 2026 that domain-facts §2 lists", () => {
    expect(specialDays(2025)).toEqual({
      closed: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25".split(" "),
      early: ["07-03", "11-28", "12-24"],
    });
    expect(specialDays(2026)).toEqual({
      closed: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25".split(" "),
      early: ["11-27", "12-24"],
    });
  });

  it("is closed on every ad-hoc closure, and open on the last weekdays around it", () => {
    expect(AD_HOC_CLOSURES).toHaveLength(10);
    for (const closure of AD_HOC_CLOSURES) expect(isTradingDay(closure.date)).toBe(false);
    expect(nextTradingDay("2001-09-10")).toBe("2001-09-17");
    expect(nextTradingDay("2012-10-26")).toBe("2012-10-31");
    expect(nextTradingDay("2006-12-29")).toBe("2007-01-03");
    expect(nextTradingDay("2025-01-08")).toBe("2025-01-10");
  });

  it("trades on the Friday before a New Year's Day on Saturday", () => {
    for (const day of ["1999-12-31", "2004-12-31", "2010-12-31", "2021-12-31", "2027-12-31"]) {
      expect(isTradingDay(day)).toBe(true);
      expect(isEarlyClose(day)).toBe(false);
    }
  });

  it("has 250 to 253 trading days in every year without a longer closure", () => {
    for (let year = 1998; year <= 2028; year += 1) {
      const count = tradingDaysIn(`${year}-01-01`, `${year}-12-31`).length;
      // The week after 11 September 2001 leaves 248; 1998-2000 and leap years reach 253.
      expect(count).toBeGreaterThanOrEqual(year === 2001 ? 248 : 250);
      expect(count).toBeLessThanOrEqual(253);
    }
  });

  it("never trades on a weekend, and never stays closed for more than six days", () => {
    fc.assert(
      fc.property(date, (day) => {
        const next = nextTradingDay(day);
        expect([0, 6]).not.toContain(weekdayOf(next));
        // 2001-09-10 to 2001-09-17 is the longest gap.
        expect(dayNumberOf(next) - dayNumberOf(day)).toBeLessThanOrEqual(7);
      }),
    );
  });

  it("finds neighbours that a walk over the calendar finds too", () => {
    fc.assert(
      fc.property(date, (day) => {
        let next = addDays(day, 1);
        while (!isTradingDay(next)) next = addDays(next, 1);
        let previous = addDays(day, -1);
        while (!isTradingDay(previous)) previous = addDays(previous, -1);
        expect(nextTradingDay(day)).toBe(next);
        expect(previousTradingDay(day)).toBe(previous);
        expect(tradingDayAtOrAfter(day)).toBe(isTradingDay(day) ? day : next);
        expect(tradingDayAtOrBefore(day)).toBe(isTradingDay(day) ? day : previous);
      }),
    );
  });

  it("adds and counts trading days consistently with single steps", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 15 }), (day, count) => {
        let later = day;
        let earlier = day;
        for (let step = 0; step < count; step += 1) {
          later = nextTradingDay(later);
          earlier = previousTradingDay(earlier);
        }
        expect(addTradingDays(day, count)).toBe(later);
        expect(addTradingDays(day, -count)).toBe(earlier);
        expect(addTradingDays(day, 0)).toBe(tradingDayAtOrAfter(day));
        expect(tradingDaysBetween(day, later)).toBe(count);
        expect(tradingDaysBetween(later, day)).toBe(-count);
        expect(tradingDaysIn(addDays(day, 1), later)).toHaveLength(count);
      }),
    );
  });

  it("refuses dates it does not cover instead of guessing", () => {
    const outside = expect.objectContaining({ code: "market-time.outside-calendar" });
    expect(() => isTradingDay("1997-12-31")).toThrow(outside);
    expect(() => isTradingDay("2029-01-01")).toThrow(outside);
    expect(() => nextTradingDay(CALENDAR_LAST_DATE)).toThrow(outside);
    expect(() => previousTradingDay(CALENDAR_FIRST_DATE)).toThrow(outside);
    expect(() => addTradingDays("2028-12-01", 100)).toThrow(outside);
    expect(() => isTradingDay("2021-02-30")).toThrow(
      expect.objectContaining({ code: "market-time.invalid-date" }),
    );
  });
});
