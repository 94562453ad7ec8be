import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { atTheMoneyVolatility } from "@amc/streams/market/options";
import { describe, expect, it } from "vitest";
import { readChart } from "./chart.ts";
import { chartFacts } from "./chart-facts.ts";
import { readKeyStatistics } from "./key-statistics.ts";
import { keyStatisticsFacts } from "./key-statistics-facts.ts";
import { readOptionChain } from "./option-chain.ts";
import { optionFacts } from "./option-facts.ts";
import { readSearch } from "./search.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../../../..");
const DATA_ROOT = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data");
const FIXTURES = resolve(DATA_ROOT, "api-fixtures");

/** A recorded answer, and when it was given; `edit` changes the text of its body. */
function recorded(name: string, edit = (body: string) => body) {
  const { response } = JSON.parse(readFileSync(resolve(FIXTURES, `yahoo-${name}.json`), "utf8"));
  const at = Date.parse(response.headers.date);
  const provenance = { source: "yahoo", confidence: 0.85, simulated: false };
  return {
    http: { status: response.status, body: Buffer.from(edit(JSON.stringify(response.bodyJson))) },
    provenance: { ...provenance, captured: { at, latencyMs: 80 } },
  };
}

describe.skipIf(!existsSync(FIXTURES))("Yahoo's recorded answers (need AMC_DATA)", () => {
  const chart = (name: string) => {
    const { http, provenance } = recorded(name);
    return chartFacts(readChart(http, "AAPL"), provenance);
  };
  const statistics = (symbol: string) => {
    const { http, provenance } = recorded(`quoteSummary-defaultKeyStatistics-${symbol}`);
    return keyStatisticsFacts(symbol, readKeyStatistics(http), provenance);
  };

  it("give Apple's days around its split of 2020, on the basis they were traded on", () => {
    const { facts, refused } = chart("chart-AAPL-2020-08-31-to-2020-11-07");
    expect(refused).toEqual([]);
    const bars = facts.filter(({ topic }) => topic === "market.price-tick.v1");
    expect(bars).toHaveLength(49);
    // The official close of that day was 129.04, of 2020-11-06 118.69.
    expect(bars[0]?.value).toMatchObject({ close: 129.04, happenedAt: Date.UTC(2020, 7, 31, 20) });
    expect(bars.at(-1)?.value).toMatchObject({ close: 118.69 });
    const splits = facts.filter(({ topic }) => topic === "market.corporate-action.v1");
    expect(splits.map(({ value }) => value)).toMatchObject([
      { action: "SPLIT", ratio: 4, effectiveAt: Date.UTC(2020, 7, 31, 8) },
    ]);
  });

  it("give one day of 2022 and nothing of a weekend", () => {
    expect(chart("chart-AAPL").facts.map(({ value }) => value)).toMatchObject([{ close: 164.32 }]);
    const weekend = "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m";
    expect(chart(weekend)).toEqual({ facts: [], refused: [] });
  });

  it.each([
    ["AAPL", 124_917_523],
    ["ABBV", 18_931_401],
    ["BFLY", 15_030_855],
  ])("give the short interest of %s, public since the rule's day", (symbol, sharesShort) => {
    const { facts, refused } = statistics(symbol);
    expect(refused).toEqual([]);
    expect(facts[0]?.value).toMatchObject({
      ...{ symbol, sharesShort, settlementDate: "2025-01-31" },
      // TV-FIN-04: published on 2025-02-11, 18:00 ET.
      publishedAt: Date.UTC(2025, 1, 11, 23),
    });
  });

  it("give no float of GOOG, which Yahoo states for all share classes together", () => {
    const { facts, refused } = statistics("GOOG");
    expect(refused).toMatchObject([{ code: "yahoo.float-above-shares" }]);
    expect(facts.map(({ topic }) => topic)).toEqual(["short.interest.v1", "market.reference.v1"]);
  });

  const options = (name: string, symbol: string, edit?: (body: string) => string) => {
    const { http, provenance } = recorded(name, edit);
    const chain = readOptionChain(http, symbol);
    return { chain, ...optionFacts(chain, provenance) };
  };

  it.each([
    // Contracts traded on 2025-02-21 alone, as summed by another program.
    ["AAPL", 102, 181_826, 159_491],
    ["AMZN", 106, 183_548, 77_673],
  ])(
    "give every contract of %s, and no snapshot before the open, when none is quoted",
    (symbol, contracts, callVolume, putVolume) => {
      const { chain, facts, refused } = options(`options-${symbol}`, symbol);
      expect(chain.contracts).toHaveLength(contracts);
      expect(chain.contracts.every(({ openInterest }) => openInterest === null)).toBe(true);
      const traded = (right: string) =>
        chain.contracts
          .filter((one) => one.right === right)
          .reduce((sum, { volume }) => sum + (volume ?? 0), 0);
      expect([traded("call"), traded("put")]).toEqual([callVolume, putVolume]);
      expect(facts).toEqual([]);
      expect(refused).toMatchObject([{ code: "yahoo.no-quotes" }]);
    },
  );

  it.each([
    // By another program from the same prices; the sum of call and put, which needs no rate, says 0.2241 and 0.2854.
    ["AAPL", 245, 0.224567],
    ["AMZN", 217.5, 0.285706],
  ])(
    "imply the volatility of %s at its last trades, where Yahoo's own figure is 0.00001",
    (symbol, strike, volatility) => {
      const lastForQuotes = (body: string) =>
        body.replace(
          /"lastPrice":([\d.]+)([^{}]*)"bid":[\d.]+,"ask":[\d.]+/g,
          '"lastPrice":$1$2"bid":$1,"ask":$1',
        );
      const { facts } = options(`options-${symbol}`, symbol, lastForQuotes);
      const [fact] = facts;
      if (fact?.topic !== "market.options.v1") throw new Error("no snapshot");
      expect(fact.value).toMatchObject({ strike, expiry: "2025-02-28" });
      expect(atTheMoneyVolatility(fact.value)).toBeCloseTo(volatility, 4);
    },
  );

  it("give nothing of an expiry that has passed", () => {
    const { chain, facts, refused } = options("options-AAPL-expire-2022-03-01", "AAPL");
    expect(chain.contracts).toEqual([]);
    expect(facts).toEqual([]);
    expect(refused).toMatchObject([{ code: "yahoo.no-near-expiry" }]);
  });

  it.each(["AAPL", "AMZN", "BABA", "BFLY", "GOOG"])(
    "give the stories that its search lists for %s, with time and companies",
    (symbol) => {
      const { http, provenance } = recorded(`search-${symbol}`);
      const { headlines, refused } = readSearch(http, provenance.captured.at);
      expect(refused).toEqual([]);
      expect(headlines.length).toBeGreaterThanOrEqual(4);
      expect(headlines.some(({ symbols }) => symbols.includes(symbol))).toBe(true);
    },
  );

  it("give Apple's stories of the morning, one of them about another company", () => {
    const { http, provenance } = recorded("search-AAPL");
    const { headlines } = readSearch(http, provenance.captured.at);
    expect(headlines[1]).toMatchObject({
      title: "Indonesia and Apple said to agree on terms to lift iPhone 16 ban",
      ...{ publishedAt: Date.UTC(2025, 1, 25, 5, 54, 47), symbols: ["AAPL"] },
    });
    expect(headlines[3]?.symbols).toEqual(["BRK.B"]);
  });
});
