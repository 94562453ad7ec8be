import { describe, expect, it } from "vitest";
import { roundHalfAway } from "../market/rounding.ts";
import { daysToCover, reportedDaysToCover, shortPercentFloat } from "./measures.ts";

describe("short-interest measures", () => {
  it("equal TV-SI-01: 2.5 M short of a float of 15 M at 500,000 a day", () => {
    const fraction = shortPercentFloat(2_500_000, 15_000_000);
    expect(fraction).toBeCloseTo(0.166667, 6);
    expect(roundHalfAway(fraction ?? Number.NaN, 4)).toBe(0.1667);
    expect(daysToCover(2_500_000, 500_000)).toBe(5);
  });

  it("keep what exceeds the float: GME on 2020-12-31 was 1.5184 of it", () => {
    expect(shortPercentFloat(71_196_206, 46_888_789)).toBeCloseTo(1.5184, 4);
  });

  it("equal the 2.10 days that FINRA reported for GME on 2021-01-15", () => {
    expect(roundHalfAway(daysToCover(61_782_730, 29_385_884) ?? Number.NaN, 2)).toBe(2.1);
    expect(reportedDaysToCover(2.1)).toBe(2.1);
  });

  it("are null, never 0, when a figure is missing or cannot divide", () => {
    expect(daysToCover(null, 500_000)).toBeNull();
    expect(daysToCover(1_000, null)).toBeNull();
    expect(daysToCover(1_000, 0)).toBeNull();
    expect(shortPercentFloat(1_000, null)).toBeNull();
    expect(shortPercentFloat(0, 1_000)).toBe(0);
  });

  it("take FINRA's cap of 999.99 for unknown", () => {
    expect(reportedDaysToCover(999.99)).toBeNull();
    expect(reportedDaysToCover(999.98)).toBe(999.98);
    expect(reportedDaysToCover(null)).toBeNull();
  });
});
