import { describe, expect, it } from "vitest";
import { addDays, daysBetween } from "../market/calendar-date.ts";
import { isoUtc, newYorkToUtc } from "../market/event-time.ts";
import {
  dueAt,
  dueDate,
  isFinraBusinessDay,
  newestPublishedPeriod,
  publicationDate,
  publishedAt,
  scheduleRows,
  settlementDates,
} from "./finra-calendar.ts";

describe("FINRA's reporting schedule", () => {
  it.each([
    ["TV-FIN-01", "2024-12-13", "2024-12-17", "2024-12-24"],
    ["TV-FIN-02", "2024-12-31", "2025-01-03", "2025-01-10"],
    ["TV-FIN-03", "2025-01-15", "2025-01-17", "2025-01-27"],
    ["TV-FIN-04", "2025-01-31", "2025-02-04", "2025-02-11"],
    ["TV-FIN-05", "2025-02-14", "2025-02-19", "2025-02-26"],
    ["TV-FIN-06", "2025-02-28", "2025-03-04", "2025-03-11"],
    ["TV-FIN-07", "2025-03-14", "2025-03-18", "2025-03-25"],
    ["TV-FIN-08", "2025-03-31", "2025-04-02", "2025-04-09"],
    ["TV-FIN-09", "2025-04-15", "2025-04-17", "2025-04-25"],
    ["TV-FIN-10", "2025-04-30", "2025-05-02", "2025-05-09"],
    ["TV-FIN-11", "2025-05-15", "2025-05-19", "2025-05-27"],
    ["TV-FIN-12", "2025-05-30", "2025-06-03", "2025-06-10"],
    ["TV-FIN-13", "2025-06-13", "2025-06-17", "2025-06-25"],
    ["TV-FIN-14", "2025-06-30", "2025-07-02", "2025-07-10"],
    ["TV-FIN-15", "2025-07-15", "2025-07-17", "2025-07-24"],
    ["TV-FIN-16", "2025-07-31", "2025-08-04", "2025-08-11"],
    ["TV-FIN-17", "2025-08-15", "2025-08-19", "2025-08-26"],
    ["TV-FIN-18", "2025-08-29", "2025-09-03", "2025-09-10"],
    ["TV-FIN-19", "2025-09-15", "2025-09-17", "2025-09-24"],
    ["TV-FIN-20", "2025-09-30", "2025-10-02", "2025-10-09"],
    ["TV-FIN-21", "2025-10-15", "2025-10-17", "2025-10-24"],
    ["TV-FIN-22", "2025-10-31", "2025-11-04", "2025-11-11"],
    ["TV-FIN-23", "2025-11-14", "2025-11-18", "2025-11-25"],
    ["TV-FIN-24", "2025-12-15", "2025-12-17", "2025-12-24"],
    ["TV-FIN-25", "2025-11-28", "2025-12-02", "2025-12-09"],
    ["TV-FIN-26", "2025-12-31", "2026-01-05", "2026-01-12"],
  ])("%s: %s is due %s and published %s", (_vector, settlementDate, due, published) => {
    const row = { settlementDate, dueDate: due, publishedDate: published };
    expect(scheduleRows(Number(settlementDate.slice(0, 4)))).toContainEqual(row);
    expect([dueDate(settlementDate), publicationDate(settlementDate)]).toEqual([due, published]);
  });

  // The publication dates that the notes on the recorded GME data give.
  it.each([
    ["2020-12-31", "2021-01-12"],
    ["2021-01-15", "2021-01-27"],
    ["2021-01-29", "2021-02-09"],
    ["2021-02-12", "2021-02-24"],
  ])("publishes the GME figures of %s on %s", (settlementDate, published) => {
    expect(publicationDate(settlementDate)).toBe(published);
  });

  it("settled on 2024-03-28, the day before Good Friday", () => {
    expect(isFinraBusinessDay("2024-03-29")).toBe(false);
    expect(settlementDates(2024)).toContain("2024-03-28");
  });

  it("counts one-off closures on which clearing worked, but no holidays", () => {
    for (const date of ["2025-01-09", "2018-12-05", "2012-10-29"]) {
      expect(isFinraBusinessDay(date)).toBe(true);
    }
    for (const date of ["2025-01-20", "2025-01-11", "2001-09-12"]) {
      expect(isFinraBusinessDay(date)).toBe(false);
    }
  });

  it("has 24 ascending periods a year, due before they are published", () => {
    for (let year = 2008; year <= 2027; year += 1) {
      const rows = scheduleRows(year);
      expect(rows).toHaveLength(24);
      const settled = rows.map((row) => row.settlementDate);
      expect(settled).toEqual([...new Set(settled)].sort());
      for (const row of rows) {
        expect(row.settlementDate < row.dueDate && row.dueDate < row.publishedDate).toBe(true);
      }
    }
  });

  it("ends reporting and begins publication at 18:00 New York time, winter and summer", () => {
    expect(isoUtc(publishedAt("2021-01-15"))).toBe("2021-01-27T23:00:00.000Z");
    expect(isoUtc(dueAt("2025-06-30"))).toBe("2025-07-02T22:00:00.000Z");
    // Around the change of 2025-03-09.
    expect(isoUtc(publishedAt("2025-02-14"))).toBe("2025-02-26T23:00:00.000Z");
    expect(isoUtc(publishedAt("2025-02-28"))).toBe("2025-03-11T22:00:00.000Z");
    // Around the change of 2025-11-02.
    expect(isoUtc(dueAt("2025-10-31"))).toBe("2025-11-04T23:00:00.000Z");
  });

  it("knows no figure before the years with two reports a month", () => {
    const outside = expect.objectContaining({ code: "market-time.outside-calendar" });
    expect(() => settlementDates(2007)).toThrow(outside);
    expect(() => settlementDates(2029)).toThrow(outside);
    expect(() => settlementDates(2020.5)).toThrow(outside);
    expect(() => newestPublishedPeriod(newYorkToUtc("2008-01-20", "12:00"))).toThrow(outside);
  });
});

describe("newestPublishedPeriod", () => {
  it("is that of 2020-12-31 for GME until the evening of 2021-01-27", () => {
    const at = (time: string) => newestPublishedPeriod(newYorkToUtc("2021-01-27", time));
    expect(at("17:59:59").settlementDate).toBe("2020-12-31");
    expect(at("18:00").settlementDate).toBe("2021-01-15");
  });

  it("has the ages that TV-SI-04 counts over the 355 days from 2025-01-11", () => {
    const sinceSettlement: number[] = [];
    const sincePublication: number[] = [];
    for (let day = "2025-01-11"; day <= "2025-12-31"; day = addDays(day, 1)) {
      const newest = newestPublishedPeriod(newYorkToUtc(day, "23:59"));
      sinceSettlement.push(daysBetween(newest.settlementDate, day));
      sincePublication.push(daysBetween(newest.publishedDate, day));
    }
    const shareWithin = (ages: number[], days: number) =>
      Math.round((ages.filter((age) => age <= days).length / ages.length) * 1000) / 10;
    expect(sinceSettlement).toHaveLength(355);
    expect([Math.min(...sinceSettlement), Math.max(...sinceSettlement)]).toEqual([9, 26]);
    expect(shareWithin(sinceSettlement, 14)).toBe(30.1);
    expect(shareWithin(sinceSettlement, 20)).toBe(69.6);
    expect([Math.min(...sincePublication), Math.max(...sincePublication)]).toEqual([0, 17]);
    expect(shareWithin(sincePublication, 14)).toBe(96.6);
  });
});
