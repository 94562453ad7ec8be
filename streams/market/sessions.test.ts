import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTradingDay, nextTradingDay } from "./calendar.ts";
import { dateOfDayNumber, dayNumberOf } from "./calendar-date.ts";
import { isoUtc, newYorkDateOf, newYorkToUtc } from "./event-time.ts";
import {
  calendarCovers,
  minutesSinceOpen,
  officialClose,
  publicationOfDateOnlyItem,
  sessionBounds,
  sessionBoundsAt,
  sessionOf,
  sessionOfBar,
  tradingDayOf,
  tradingDayOfBar,
} from "./sessions.ts";

const MINUTE_MS = 60_000;
const date = fc
  .integer({ min: dayNumberOf("1998-02-01"), max: dayNumberOf("2028-11-30") })
  .map(dateOfDayNumber);
const tradingDate = date.filter(isTradingDay);
const instant = fc
  .integer({ min: Date.UTC(1998, 1, 1) / 1000, max: Date.UTC(2028, 10, 30) / 1000 })
  .map((seconds) => seconds * 1000);

describe("sessionOf", () => {
  it.each([
    ["TV-SE-01", "2025-09-03T07:59:59Z", "OVERNIGHT"],
    ["TV-SE-02", "2025-09-03T08:00:00Z", "PREMARKET"],
    ["TV-SE-03", "2025-09-03T13:29:59Z", "PREMARKET"],
    ["TV-SE-04", "2025-09-03T13:30:00Z", "REGULAR"],
    ["TV-SE-05", "2025-09-03T20:00:00Z", "AFTERHOURS"],
    ["TV-SE-06", "2025-09-04T00:00:00Z", "OVERNIGHT"],
    ["TV-SE-07", "2025-11-03T14:29:59Z", "PREMARKET"],
    ["TV-SE-08", "2025-11-03T14:30:00Z", "REGULAR"],
    ["TV-SE-09", "2025-11-28T18:00:00Z", "AFTERHOURS"],
    ["TV-SE-10", "2025-11-28T22:00:00Z", "CLOSED"],
    ["TV-SE-11", "2025-09-06T15:00:00Z", "CLOSED"],
    ["TV-SE-12", "2025-09-01T15:00:00Z", "CLOSED"],
  ])("%s: %s is %s", (_vector, utc, session) => {
    expect(sessionOf(Date.parse(utc))).toBe(session);
  });

  it("calls the evening before a holiday and the small hours after a weekend closed", () => {
    // Friday 2025-08-29, Monday Labor Day, Tuesday 2025-09-02.
    expect(sessionOf(newYorkToUtc("2025-08-29", "19:59:59"))).toBe("AFTERHOURS");
    expect(sessionOf(newYorkToUtc("2025-08-29", "20:00"))).toBe("CLOSED");
    expect(sessionOf(newYorkToUtc("2025-09-02", "03:59:59"))).toBe("CLOSED");
    expect(sessionOf(newYorkToUtc("2025-09-02", "20:00"))).toBe("OVERNIGHT");
  });

  it.each([
    ["the Monday after the clocks went ahead", "2025-03-10", "2025-03-10T13:30:00.000Z"],
    ["the Friday before", "2025-03-07", "2025-03-07T14:30:00.000Z"],
    ["the Monday after the clocks went back", "2025-11-03", "2025-11-03T14:30:00.000Z"],
    ["the Friday before", "2025-10-31", "2025-10-31T13:30:00.000Z"],
    [
      "the first Monday in April under the law until 2006",
      "2006-04-03",
      "2006-04-03T13:30:00.000Z",
    ],
    ["a March Monday under the law until 2006", "2006-03-27", "2006-03-27T14:30:00.000Z"],
  ])("opens at 09:30 New York time on %s", (_name, day, opensAt) => {
    const { openMs } = sessionBounds(day);
    expect(isoUtc(openMs)).toBe(opensAt);
    expect(sessionOf(openMs)).toBe("REGULAR");
    expect(sessionOf(openMs - 1)).toBe("PREMARKET");
  });

  it("places any instant where Intl's wall clock places it, in any order of questions", () => {
    const clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: "America/New_York",
      hour: "2-digit",
      minute: "2-digit",
    });
    fc.assert(
      fc.property(instant, (epochMs) => {
        const day = newYorkDateOf(epochMs);
        const time = clock.format(epochMs);
        const session = sessionOf(epochMs);
        if (!isTradingDay(day)) expect(session).toBe("CLOSED");
        else if (time < "04:00" || time >= "20:00")
          expect(["OVERNIGHT", "CLOSED"]).toContain(session);
        else if (time < "09:30") expect(session).toBe("PREMARKET");
        else if (time < "13:00") expect(session).toBe("REGULAR");
        else expect(["REGULAR", "AFTERHOURS", "CLOSED"]).toContain(session);
      }),
      { numRuns: 1000 },
    );
  });

  it("changes only at the bounds of the day: sessions partition the time line", () => {
    fc.assert(
      fc.property(tradingDate, (day) => {
        const bounds = sessionBounds(day);
        const spans = [
          ["PREMARKET", bounds.premarketOpenMs, bounds.openMs],
          ["REGULAR", bounds.openMs, bounds.closeMs],
          ["AFTERHOURS", bounds.closeMs, bounds.afterhoursCloseMs],
        ] as const;
        for (const [session, fromMs, toMs] of spans) {
          expect(fromMs).toBeLessThan(toMs);
          for (let atMs = fromMs; atMs < toMs; atMs += 7 * MINUTE_MS) {
            expect(sessionOf(atMs)).toBe(session);
          }
          expect(sessionOf(toMs - 1)).toBe(session);
        }
        const nextOpenMs = sessionBounds(nextTradingDay(day)).premarketOpenMs;
        const night = sessionOf(bounds.afterhoursCloseMs);
        const following = dateOfDayNumber(dayNumberOf(day) + 1);
        expect(night).toBe(isTradingDay(following) ? "OVERNIGHT" : "CLOSED");
        expect(sessionOf(nextOpenMs - 1)).toBe(night);
        const middleMs = (bounds.afterhoursCloseMs + nextOpenMs) / 2;
        expect(sessionOf(middleMs)).toBe(night);
      }),
    );
  });

  it("says which instants it covers and refuses the others", () => {
    const firstMs = newYorkToUtc("1998-01-01", "00:00");
    const endMs = newYorkToUtc("2029-01-01", "00:00");
    expect([firstMs - 1, firstMs, endMs - 1, endMs].map(calendarCovers)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(sessionOf(firstMs)).toBe("CLOSED");
    expect(sessionOf(endMs - 1)).toBe("CLOSED");
    const outside = expect.objectContaining({ code: "market-time.outside-calendar" });
    expect(() => sessionOf(firstMs - 1)).toThrow(outside);
    expect(() => sessionOf(endMs)).toThrow(outside);
    expect(() => tradingDayOf(endMs - 1)).toThrow(outside);
  });
});

describe("session bounds", () => {
  it("end at 13:00 and 17:00 on an early close", () => {
    const bounds = sessionBounds("2025-11-28");
    expect(bounds.regularMinutes).toBe(210);
    expect(bounds.closeMs).toBe(newYorkToUtc("2025-11-28", "13:00"));
    expect(bounds.afterhoursCloseMs).toBe(newYorkToUtc("2025-11-28", "17:00"));
    expect(sessionBounds("2025-11-26").regularMinutes).toBe(390);
  });

  it("have as many regular minutes as lie between open and official close", () => {
    fc.assert(
      fc.property(tradingDate, (day) => {
        const bounds = sessionBounds(day);
        expect(bounds.closeMs).toBe(officialClose(day));
        expect((bounds.closeMs - bounds.openMs) / MINUTE_MS).toBe(bounds.regularMinutes);
        expect(sessionBoundsAt(bounds.openMs)).toEqual(bounds);
      }),
    );
  });

  it("do not exist for a day without session", () => {
    expect(() => sessionBounds("2025-01-09")).toThrow(
      expect.objectContaining({ code: "market-time.not-a-trading-day" }),
    );
    expect(sessionBoundsAt(Date.parse("2025-01-09T15:00:00Z"))).toBeNull();
  });

  it("count minutes since the open from 0 to the length of the session", () => {
    const bounds = sessionBounds("2021-01-13");
    expect(minutesSinceOpen(bounds, bounds.openMs - 1)).toBe(0);
    expect(minutesSinceOpen(bounds, bounds.openMs)).toBe(0);
    // TV-FE-01 is at 11:00 ET: 90 minutes.
    expect(minutesSinceOpen(bounds, newYorkToUtc("2021-01-13", "11:00"))).toBe(90);
    expect(minutesSinceOpen(bounds, newYorkToUtc("2021-01-13", "18:00"))).toBe(390);
  });
});

describe("a bar", () => {
  it("belongs to the session and trading day of its start", () => {
    const at = (time: string) => newYorkToUtc("2021-01-27", time);
    expect(sessionOfBar(at("16:00"), MINUTE_MS)).toBe("REGULAR");
    expect(sessionOfBar(at("16:01"), MINUTE_MS)).toBe("AFTERHOURS");
    expect(sessionOfBar(at("09:30"), MINUTE_MS)).toBe("PREMARKET");
    expect(sessionOfBar(at("09:31"), MINUTE_MS)).toBe("REGULAR");
    expect(sessionOfBar(at("20:00"), MINUTE_MS)).toBe("AFTERHOURS");
    expect(tradingDayOfBar(at("20:00"), MINUTE_MS)).toBe("2021-01-27");
  });

  it("of a day is regular and belongs to the day it ends, whether at 16:00 or 20:00", () => {
    for (const time of ["16:00", "20:00"]) {
      const endMs = newYorkToUtc("2021-01-27", time);
      expect(sessionOfBar(endMs, 86_400_000)).toBe("REGULAR");
      expect(tradingDayOfBar(endMs, 86_400_000)).toBe("2021-01-27");
    }
  });

  it("without length, a trade or quote, has the session of its instant", () => {
    expect(sessionOfBar(newYorkToUtc("2021-01-27", "16:00"), 0)).toBe("AFTERHOURS");
  });
});

describe("tradingDayOf", () => {
  it.each([
    ["2025-09-03T08:00:00Z", "2025-09-03", "04:00 belongs to the day"],
    ["2025-09-03T07:59:59Z", "2025-09-03", "so does the night before it"],
    ["2025-09-03T23:59:59Z", "2025-09-03", "and 19:59:59"],
    ["2025-09-04T00:00:00Z", "2025-09-04", "20:00 belongs to the next"],
    ["2025-08-30T00:00:00Z", "2025-09-02", "over a long weekend"],
    ["2025-09-01T15:00:00Z", "2025-09-02", "on a holiday"],
    ["2025-11-28T21:59:59Z", "2025-11-28", "to 17:00 on an early close"],
    ["2025-11-28T22:00:00Z", "2025-12-01", "and after it the next"],
  ])("%s belongs to %s: %s", (utc, day) => {
    expect(tradingDayOf(Date.parse(utc))).toBe(day);
  });

  it("never decreases and always names a trading day", () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 10 * 86_400_000 }), (epochMs, laterMs) => {
        const day = tradingDayOf(epochMs);
        expect(isTradingDay(day)).toBe(true);
        expect(tradingDayOf(epochMs + laterMs) >= day).toBe(true);
        expect(epochMs).toBeLessThan(sessionBounds(day).afterhoursCloseMs);
      }),
    );
  });
});

describe("publicationOfDateOnlyItem", () => {
  it("is 04:00 New York time of the next trading day", () => {
    expect(isoUtc(publicationOfDateOnlyItem("2021-01-13"))).toBe("2021-01-14T09:00:00.000Z");
    expect(isoUtc(publicationOfDateOnlyItem("2021-01-16"))).toBe("2021-01-19T09:00:00.000Z");
    expect(isoUtc(publicationOfDateOnlyItem("2025-07-03"))).toBe("2025-07-07T08:00:00.000Z");
  });
});
