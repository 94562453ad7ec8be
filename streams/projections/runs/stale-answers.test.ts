import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../../market/event-time.ts";
import { staleBefore } from "./stale-answers.ts";

describe("cached discovery is stale (R-DIS-10)", () => {
  it.each([
    ["2021-01-13", "20:00", "2021-01-13"],
    ["2021-01-14", "04:15", "2021-01-13"],
    ["2021-01-14", "04:59", "2021-01-13"],
    ["2021-01-14", "05:00", "2021-01-14"],
    ["2021-01-14", "16:00", "2021-01-14"],
    // Monday morning, and the days on which the clocks change.
    ["2021-01-18", "05:00", "2021-01-18"],
    ["2021-03-14", "05:00", "2021-03-14"],
    ["2021-11-07", "04:59", "2021-11-06"],
  ])("on %s at %s ET when it is from before %s", (date, time, day) => {
    expect(staleBefore(newYorkToUtc(date, time))).toBe(newYorkToUtc(day, "00:00"));
  });
});
