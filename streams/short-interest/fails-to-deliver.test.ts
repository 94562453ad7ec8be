import { describe, expect, it } from "vitest";
import { isoUtc } from "../market/event-time.ts";
import {
  type FailsToDeliver,
  failsPublicationDate,
  failsPublishedAt,
  hasPersistentFails,
  isSettlementDay,
} from "./fails-to-deliver.ts";

describe("publication of fails-to-deliver", () => {
  it.each([
    ["2020-12-01", "2020-12-31", "the first half of a month on its last day"],
    ["2020-12-15", "2020-12-31", "the 15th included"],
    ["2020-12-16", "2021-01-15", "the second half on the 15th of the next month"],
    ["2020-12-31", "2021-01-15", "across the year"],
    ["2021-01-04", "2021-02-01", "from Sunday the 31st to Monday"],
    ["2021-01-20", "2021-02-16", "from Presidents' Day to the day after"],
    ["2024-02-01", "2024-02-29", "in a leap year"],
  ])("of %s is on %s: %s", (settlementDate, published) => {
    expect(failsPublicationDate(settlementDate)).toBe(published);
  });

  it("is at 18:00 New York time", () => {
    expect(isoUtc(failsPublishedAt("2020-12-15"))).toBe("2020-12-31T23:00:00.000Z");
  });
});

describe("settlement days", () => {
  it("leave out bank holidays on which the exchanges trade", () => {
    for (const date of ["2021-10-11", "2021-11-11", "2018-11-12", "2025-10-13", "2021-01-18"]) {
      expect(isSettlementDay(date)).toBe(false);
    }
    // A Veterans Day on Saturday is not moved to Friday.
    for (const date of ["2023-11-10", "2021-10-12", "2018-12-05", "2025-01-09"]) {
      expect(isSettlementDay(date)).toBe(true);
    }
  });
});

describe("the flag for persistent fails", () => {
  const DAYS = ["2020-12-02", "2020-12-03", "2020-12-04", "2020-12-07", "2020-12-08"];
  const fails = (quantities: number[], dates = DAYS): FailsToDeliver[] =>
    dates.map((settlementDate, index) => ({ settlementDate, quantity: quantities[index] ?? 0 }));

  it("is up after five consecutive settlement days at both limits, a weekend between", () => {
    expect(hasPersistentFails(fails([10_000, 10_000, 10_000, 10_000, 10_000]), 2_000_000)).toBe(
      true,
    );
  });

  it("is down when one day is one share below 10,000 or below 0.5 % of shares outstanding", () => {
    expect(hasPersistentFails(fails([10_000, 10_000, 9_999, 10_000, 10_000]), 100_000)).toBe(false);
    expect(hasPersistentFails(fails([10_000, 10_000, 10_000, 10_000, 10_000]), 2_000_001)).toBe(
      false,
    );
  });

  it("is down after four days, and when a settlement day without row stands between", () => {
    const four = [50_000, 50_000, 50_000, 50_000];
    expect(hasPersistentFails(fails(four, DAYS.slice(0, 4)), 1_000_000)).toBe(false);
    const gap = ["2020-12-02", "2020-12-03", "2020-12-07", "2020-12-08", "2020-12-09"];
    expect(hasPersistentFails(fails([...four, 50_000], gap), 1_000_000)).toBe(false);
  });

  it("looks past Columbus Day, on which nothing settles", () => {
    const dates = ["2021-10-06", "2021-10-07", "2021-10-08", "2021-10-12", "2021-10-13"];
    expect(hasPersistentFails(fails([2e4, 2e4, 2e4, 2e4, 2e4], dates), 1_000_000)).toBe(true);
  });

  it("is unknown without shares outstanding or without any published record", () => {
    expect(hasPersistentFails(fails([2e4, 2e4, 2e4, 2e4, 2e4]), null)).toBeNull();
    expect(hasPersistentFails([], 1_000_000)).toBeNull();
  });
});
