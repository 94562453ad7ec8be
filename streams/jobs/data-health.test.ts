import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { type DataStanding, dataProblems } from "./data-health.ts";

const at = (time: string, date = "2025-09-04") => newYorkToUtc(date, time);
const QUIET: DataStanding = { newestPriceAt: null, providers: [] };
const kinds = (standing: Partial<DataStanding>, atMs: number) =>
  dataProblems({ ...QUIET, ...standing }, atMs, DEFAULT_STALENESS).map(({ kind }) => kind);

describe("the health of data (R-JOB-17)", () => {
  it.each([
    ["a price of a moment ago", "10:29", "10:30", []],
    ["a price that is as old as it may be", "10:15", "10:30", []],
    ["one that is a second older", "10:14:59", "10:30", ["prices-stale"]],
    ["nothing since before the open, at the open", "08:00", "09:30", []],
    ["nothing since before the open, half an hour later", "08:00", "10:00", ["prices-stale"]],
  ])("with %s", (_what, priced, looked, expected) => {
    expect(kinds({ newestPriceAt: at(priced) }, at(looked))).toEqual(expected);
  });

  it("counts prices as old by the limit that an operator gives (R-ENV-25)", () => {
    const limits = { ...DEFAULT_STALENESS, marketMs: 60 * 60_000 };
    const standing = { ...QUIET, newestPriceAt: at("10:30") };
    expect(dataProblems(standing, at("11:30"), limits)).toEqual([]);
    expect(dataProblems(standing, at("11:30:01"), limits)).toHaveLength(1);
  });

  it("is not asked about prices where there is none, nor on a day without a session", () => {
    expect(kinds({}, at("10:30"))).toEqual([]);
    expect(kinds({ newestPriceAt: at("16:00") }, at("10:30", "2025-09-06"))).toEqual([]);
  });

  it.each([
    ["answered every call", { calls: 3, successes: 3, isBreakerOpen: false }, []],
    ["answered some", { calls: 30, successes: 1, isBreakerOpen: false }, []],
    ["was not asked", { calls: 0, successes: 0, isBreakerOpen: false }, []],
    ["answered none", { calls: 1, successes: 0, isBreakerOpen: false }, ["provider-unreachable"]],
    [
      "answered until its breaker opened",
      { calls: 9, successes: 6, isBreakerOpen: true },
      ["provider-unreachable"],
    ],
    [
      "is not asked because its breaker is open",
      { calls: 0, successes: 0, isBreakerOpen: true },
      ["provider-unreachable"],
    ],
  ])("of a provider that %s", (_what, calls, expected) => {
    expect(kinds({ providers: [{ provider: "yahoo", ...calls }] }, at("10:30"))).toEqual(expected);
  });

  it("says in words what is wrong", () => {
    const providers = [{ provider: "yahoo", calls: 4, successes: 0, isBreakerOpen: true }];
    const problems = dataProblems(
      { newestPriceAt: at("10:00"), providers },
      at("10:30"),
      DEFAULT_STALENESS,
    );
    expect(problems.map(({ detail }) => detail)).toEqual([
      "the newest price of any symbol is 30 min old",
      "yahoo answered 0 of 4 calls within the hour, its breaker is open",
    ]);
  });
});
