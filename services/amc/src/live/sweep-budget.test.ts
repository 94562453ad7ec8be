import { loadConfig } from "@amc/platform/config/load-config";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetText, sweepBudgets } from "./sweep-budget.ts";

describe("the budget of a sweep", () => {
  it("is a minute as long as the calls of a minute are enough, and longer when they are not", () => {
    const everyOf = (symbols: number) =>
      sweepBudgets({ variables: loadConfig({}), symbols, prices: "yahoo" })[0]?.everySeconds;
    // 5 a second: 300 symbols a minute (domain-facts §7), the last of which ends when the next should begin.
    expect([3, 299, 300, 3_000].map(everyOf)).toEqual([60, 60, 120, 660]);
  });

  it("is what prices leave of it, for all else that is asked of who states them", () => {
    const lines = (symbols: number) =>
      sweepBudgets({ variables: loadConfig({}), symbols, prices: "yahoo" })
        .filter(({ provider }) => provider === "yahoo")
        .map(({ calls, callsPerSecond, everySeconds }) => [
          ...[calls, Number(callsPerSecond.toFixed(2)), everySeconds],
        ]);
    expect(lines(240)).toEqual([
      [240, 5, 60],
      [240, 1, 43_200],
      [240, 1, 300],
      [480, 1, 86_400],
    ]);
    // 299 calls of the 300 of a minute leave one: headlines take five hours, and not five minutes.
    expect(lines(299)[2]).toEqual([299, 0.02, 5 * 3_600]);
    // Something is left, however many symbols there are.
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (symbols) => {
        const budgets = sweepBudgets({ variables: loadConfig({}), symbols, prices: "yahoo" });
        expect(Math.min(...budgets.map(({ callsPerSecond }) => callsPerSecond))).toBeGreaterThan(0);
      }),
    );
  });

  it("of a snapshot is one call, however many symbols there are", () => {
    const variables = loadConfig({ POLYGON_API_KEY: "key", POLYGON_RATE_LIMIT: "5" });
    const budgets = sweepBudgets({ variables, symbols: 0, prices: "polygon" });
    expect(budgets.map(({ provider, calls }) => [provider, calls])).toEqual([
      ["polygon", 1],
      ["finra_short", 6],
    ]);
    expect(budgetText(budgets[0] ?? NONE)).toBe(
      "  polygon: newest minutes: 1 call a sweep, at most 5 a minute, every 60 s",
    );
  });

  it("is told by the minute where it is no whole number by the second", () => {
    const variables = loadConfig({ POLYGON_API_KEY: "key", POLYGON_RATE_LIMIT: "100" });
    const [prices] = sweepBudgets({ variables, symbols: 0, prices: "polygon" });
    expect(budgetText(prices ?? NONE)).toContain("at most 100 a minute");
  });

  it("says when the limit and not the wish decides", () => {
    const variables = loadConfig({ YAHOO_FINANCE_RATE_LIMIT: "1" });
    const [prices] = sweepBudgets({ variables, symbols: 90, prices: "yahoo" });
    expect(budgetText(prices ?? NONE)).toBe(
      "  yahoo: newest minutes: 90 calls a sweep, at most 1 a second, every 120 s, not every 60 s: the budget is spent",
    );
  });
});

const NONE = {
  ...{ provider: "none", what: "nothing", calls: 0 },
  ...{ callsPerSecond: 1, wantedEverySeconds: 0, everySeconds: 0 },
};
