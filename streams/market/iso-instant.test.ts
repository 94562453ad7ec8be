import { describe, expect, it } from "vitest";
import { isoInstantMs } from "./iso-instant.ts";

describe("isoInstantMs", () => {
  it("reads an instant by its offset", () => {
    const morning = Date.UTC(2021, 0, 13, 14, 30);
    expect(isoInstantMs("2021-01-13T14:30Z")).toBe(morning);
    expect(isoInstantMs("2021-01-13T09:30:00-05:00")).toBe(morning);
    expect(isoInstantMs("2021-01-13T23:30:00.250+09:00")).toBe(morning + 250);
    expect(isoInstantMs("2020-02-29T00:00Z")).toBe(Date.UTC(2020, 1, 29));
  });

  it.each([
    ["a date that no calendar has", "2021-02-30T10:15Z"],
    ["29 February of a common year", "2021-02-29T10:15Z"],
    ["the 13th month", "2021-13-01T10:15Z"],
    ["an hour that no clock shows", "2021-01-13T24:00Z"],
    ["a minute that no clock shows", "2021-01-13T10:60Z"],
    ["an offset that no zone has", "2021-01-13T10:15+25:00"],
    ["a wall clock, which every machine would read in its own zone", "2021-01-13T10:15"],
    ["a date alone", "2021-01-13"],
    ["a date as mail has it", "Wed, 13 Jan 2021 10:15:00 GMT"],
  ])("refuses %s", (_, text) => {
    expect(isoInstantMs(text)).toBeNull();
  });
});
