import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readChart } from "./chart.ts";
import { chartFacts } from "./chart-facts.ts";
import { readKeyStatistics } from "./key-statistics.ts";
import { keyStatisticsFacts } from "./key-statistics-facts.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../../../..");
const DATA_ROOT = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data");
const FIXTURES = resolve(DATA_ROOT, "api-fixtures");

/** A recorded answer, and when it was given. */
function recorded(name: string) {
  const { response } = JSON.parse(readFileSync(resolve(FIXTURES, `yahoo-${name}.json`), "utf8"));
  const at = Date.parse(response.headers.date);
  const provenance = { source: "yahoo", confidence: 0.85, simulated: false };
  return {
    http: { status: response.status, body: Buffer.from(JSON.stringify(response.bodyJson)) },
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
});
