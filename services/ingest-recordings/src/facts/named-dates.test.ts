import { describe, expect, it } from "vitest";
import { laterDateNamedIn } from "./named-dates.ts";

describe("laterDateNamedIn", () => {
  it.each([
    ["In a report issued on January 8, Seth Sigman from Credit Suisse", "2021-01-04", "2021-01-08"],
    ["calls expiring 16 April 2021 were bought", "2021-01-22", "2021-04-16"],
    ["stock splits on 2022-07-22", "2021-01-13", "2022-07-22"],
    ["on 1/29/21 brokers restricted buying", "2021-01-28", "2021-01-29"],
    ["by the end of March 2021", "2020-04-22", "2021-03-01"],
    ["the 3rd of February was worse", "2021-01-28", "2021-02-03"],
    ["see you Jan. 5", "2020-12-30", "2021-01-05"],
  ])("finds the later date in %j of %s", (text, ownDate, later) => {
    expect(laterDateNamedIn(text, ownDate)).toBe(later);
  });

  it.each([
    ["Reporting up until 12/31/2019. The puts were worth ~$24.3M", "2020-02-14"],
    ["closed last Wednesday at $189.82", "2021-01-06"],
    ["position closed by December 31", "2021-01-04"],
    ["on January 4 itself", "2021-01-04"],
    ["it may 8 times be said", "2021-06-01"],
    ["shares rose 5/6 of the way, notes due 2023", "2021-01-04"],
    ["an order of 2021-02-30 pieces", "2021-01-04"],
  ])("finds none in %j of %s", (text, ownDate) => {
    expect(laterDateNamedIn(text, ownDate)).toBeNull();
  });

  it("is done at once with text made to be slow", () => {
    expect(laterDateNamedIn("january ".repeat(50_000), "2021-01-04")).toBeNull();
    expect(laterDateNamedIn(`1${" ".repeat(50_000)}march`, "2021-01-04")).toBeNull();
  });
});
