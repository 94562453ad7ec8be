import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTradingDay } from "../market/calendar.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { periodDecided } from "../testing/schedule-events.ts";
import { dueSettlements, dueShortVolumeDays, revisableSettlements } from "./due-collections.ts";
import { publishedAt } from "./finra-calendar.ts";
import { scheduleAt } from "./schedule-in-force.ts";

const at = newYorkToUtc;

describe("settlement dates that are due to be collected", () => {
  // TV-FIN-18: settled 2025-08-29, due 2025-09-03, published 2025-09-10.
  it.each([
    ["two business days after the settlement", "2025-09-03", "18:30", []],
    ["on the morning of publication", "2025-09-10", "10:00", []],
    ["a minute before 18:00 of it", "2025-09-10", "17:59", []],
    ["at 18:00 of it", "2025-09-10", "18:00", ["2025-08-29"]],
    ["as long as they are missing", "2025-09-22", "12:00", ["2025-08-29"]],
    ["with the next one when that comes", "2025-09-24", "18:00", ["2025-08-29", "2025-09-15"]],
  ])("%s", (_when, date, time, due) => {
    expect(dueSettlements("2025-08-15", at(date, time))).toEqual(due);
  });

  it("go over the turn of a year", () => {
    // TV-FIN-24 and 26: 2025-12-15 is published 2025-12-24, 2025-12-31 on 2026-01-12.
    expect(dueSettlements("2025-11-28", at("2026-01-12", "18:30"))).toEqual([
      "2025-12-15",
      "2025-12-31",
    ]);
  });

  it("begin with the newest", () => {
    expect(dueSettlements(null, at("2025-09-12", "12:00"))).toEqual(["2025-08-29"]);
  });

  it("follow the days that were decided by hand (R-SI-17)", () => {
    const decided = (value: string) =>
      scheduleAt([periodDecided("2025-08-29", value, 0)], at("2025-09-05", "11:00"));
    const later = decided("published=2025-09-12");
    expect(dueSettlements("2025-08-15", at("2025-09-10", "18:00"), later)).toEqual([]);
    expect(dueSettlements("2025-08-15", at("2025-09-12", "18:00"), later)).toEqual(["2025-08-29"]);
    const earlier = decided("published=2025-09-09");
    expect(dueSettlements("2025-08-15", at("2025-09-09", "18:00"), earlier)).toEqual([
      "2025-08-29",
    ]);
  });

  it("leave one that is put off behind the next to the weekly job, which asks for it again", () => {
    const byHand = periodDecided("2025-08-29", "published=2025-09-26", 0);
    const schedule = scheduleAt([byHand], at("2025-09-05", "11:00"));
    const next = at("2025-09-24", "18:00");
    expect(dueSettlements("2025-08-15", next, schedule)).toEqual(["2025-09-15"]);
    expect(revisableSettlements("2025-09-15", next, schedule)).toEqual(["2025-09-15"]);
    const weekly = at("2025-09-29", "18:00");
    expect(revisableSettlements("2025-09-15", weekly, schedule)).toEqual([
      "2025-08-29",
      "2025-09-15",
    ]);
  });

  it("are never due before they are public, and none twice", () => {
    const first = Date.UTC(2015, 0, 5);
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 60 }), (gapsDays) => {
        let [atMs, collected] = [first, dueSettlements(null, first)[0] ?? null];
        const all: string[] = [];
        for (const days of gapsDays) {
          atMs += days * 86_400_000;
          const due = dueSettlements(collected, atMs);
          expect(due.every((date) => publishedAt(date) <= atMs)).toBe(true);
          all.push(...due);
          collected = due.at(-1) ?? collected;
        }
        expect(all).toEqual([...new Set(all)].sort());
      }),
    );
  });
});

describe("days of short volume that are due to be collected", () => {
  it.each([
    ["today at the hour of the job", "2025-09-05", "18:30", ["2025-09-05"]],
    ["not before 18:00", "2025-09-05", "17:59", []],
    [
      "over a weekend, with one that was missed",
      "2025-09-08",
      "18:30",
      ["2025-09-05", "2025-09-08"],
    ],
    ["not on a Sunday", "2025-09-07", "12:00", ["2025-09-05"]],
  ])("%s", (_when, date, time, due) => {
    expect(dueShortVolumeDays("2025-09-04", at(date, time))).toEqual(due);
  });

  it("are the newest twenty for a collector that was away for a year", () => {
    const due = dueShortVolumeDays("2024-09-05", at("2025-09-05", "18:30"));
    expect([due.length, due[0], due.at(-1)]).toEqual([20, "2025-08-08", "2025-09-05"]);
    expect(due.every(isTradingDay)).toBe(true);
  });

  it("are held to the hour of New York on both sides of a change of the clocks", () => {
    expect(dueShortVolumeDays("2025-03-06", Date.UTC(2025, 2, 7, 23))).toEqual(["2025-03-07"]);
    expect(dueShortVolumeDays("2025-03-07", Date.UTC(2025, 2, 10, 22))).toEqual(["2025-03-10"]);
    expect(dueShortVolumeDays("2025-03-07", Date.UTC(2025, 2, 10, 21, 59))).toEqual([]);
  });
});
