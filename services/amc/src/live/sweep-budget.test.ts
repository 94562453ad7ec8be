import { loadConfig } from "@amc/platform/config/load-config";
import { describe, expect, it } from "vitest";
import { budgetText, sweepBudgets } from "./sweep-budget.ts";

describe("the budget of a sweep", () => {
  it("is a minute as long as the calls of a minute are enough, and longer when they are not", () => {
    const everyOf = (symbols: number) =>
      sweepBudgets({ variables: loadConfig({}), symbols, prices: "yahoo" })[0]?.everySeconds;
    // 5 a second: 300 symbols a minute (domain-facts §7).
    expect([3, 300, 301, 3_000].map(everyOf)).toEqual([60, 60, 61, 600]);
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
      "  yahoo: newest minutes: 90 calls a sweep, at most 1 a second, every 90 s, not every 60 s: the budget is spent",
    );
  });
});

const NONE = {
  ...{ provider: "none", what: "nothing", calls: 0 },
  ...{ callsPerSecond: 1, wantedEverySeconds: 0, everySeconds: 0 },
};
