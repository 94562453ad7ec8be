import { isProviderError } from "@amc/platform/http/provider-error";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { scheduleAt } from "@amc/streams/short-interest/schedule-in-force";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartAnswer, splitOf, statisticsAnswer } from "../../testing/yahoo-answers.ts";
import { readChart } from "./chart.ts";
import { chartFacts } from "./chart-facts.ts";
import { readKeyStatistics } from "./key-statistics.ts";
import { keyStatisticsFacts } from "./key-statistics-facts.ts";
import { tradedPrice } from "./traded-price.ts";

/** 2025-09-08 12:00 UTC: both days of the chart are over. */
const AT = Date.UTC(2025, 8, 8, 12);
const provenanceAt = (at: number) => ({
  ...{ source: "yahoo", confidence: 0.85, simulated: false },
  captured: { at, latencyMs: 80 },
});
const httpOf = (json: unknown) => ({ status: 200, body: Buffer.from(JSON.stringify(json)) });
const factsOf = (answer: unknown, at = AT) =>
  chartFacts(readChart(httpOf(answer), "XYZ"), provenanceAt(at));
const unreadable = expect.toSatisfy((error) => isProviderError(error, "provider.unreadable"));

describe("a chart", () => {
  it("becomes daily bars that are public when extended hours end", () => {
    const { facts, refused } = factsOf(chartAnswer());
    expect(refused).toEqual([]);
    expect(facts.map(({ value }) => value)).toMatchObject([
      {
        ...{ symbol: "XYZ", source: "yahoo", intervalMs: 86_400_000, volumeScope: "CONSOLIDATED" },
        ...{ open: 10, high: 12, low: 9.5, close: 11, volume: 1_000, providerLatencyMs: 80 },
        ...{ happenedAt: Date.UTC(2025, 8, 4, 20), publishedAt: Date.UTC(2025, 8, 5, 0) },
        capturedAt: AT,
      },
      { close: 12, happenedAt: Date.UTC(2025, 8, 5, 20) },
    ]);
  });

  it("leaves out the day and the minute that are still running", () => {
    const duringDay2 = Date.UTC(2025, 8, 5, 15);
    expect(factsOf(chartAnswer(), duringDay2).facts).toHaveLength(1);
    const start = duringDay2 / 1000 - 90;
    const minutes = { meta: { dataGranularity: "1m" }, timestamp: [start, start + 60] };
    const { facts } = factsOf(chartAnswer(minutes), duringDay2);
    expect(facts.map(({ value }) => value.happenedAt)).toEqual([(start + 60) * 1000]);
  });

  it("leaves out a minute until its late trades are in it, ten seconds after its end", () => {
    const start = Date.UTC(2025, 8, 5, 15);
    const minutes = {
      meta: { dataGranularity: "1m" },
      timestamp: [start / 1000 - 60, start / 1000],
    };
    const endsAt = (at: number) =>
      factsOf(chartAnswer(minutes), at).facts.map(({ value }) => value.happenedAt);
    // A trade of the next minute is there already, which says nothing about late ones of this.
    expect(endsAt(start + 9_999)).toEqual([]);
    expect(endsAt(start + 10_000)).toEqual([start]);
    expect(endsAt(start + 70_000)).toEqual([start, start + 60_000]);
  });

  it("gives prices as traded: what was divided for a later split is multiplied again", () => {
    const { facts } = factsOf(chartAnswer({ events: splitOf(4, 1) }));
    expect(facts.map(({ topic, value }) => ({ topic, ...value }))).toMatchObject([
      { topic: "market.corporate-action.v1", action: "SPLIT", ratio: 4 },
      { open: 40, high: 48, low: 38, close: 44, volume: 250 },
      { open: 11, high: 12.5, low: 10.75, close: 12, volume: 2_000 },
    ]);
  });

  it("has no bar where nothing traded", () => {
    const columns = { open: [null, 11], high: [null, 12], low: [null, 10], close: [null, 11] };
    const { facts } = factsOf(chartAnswer({ quote: { ...columns, volume: [null, 5] } }));
    expect(facts).toHaveLength(1);
    const empty = {
      chart: { error: null, result: [{ ...resultOf(), indicators: { quote: [{}] } }] },
    };
    expect(factsOf(empty).facts).toEqual([]);
  });

  const resultOf = () => {
    const [result] = chartAnswer({ timestamp: [], quote: {} }).chart.result;
    return { meta: result?.meta };
  };

  it.each([
    ["domain.outside-range", { high: [12, 11] }],
    ["domain.negative", { volume: [1_000, -1] }],
    ["domain.price", { open: [10, 0], low: [9.5, 0], close: [11, 11], high: [12, 12] }],
  ])("loses the bar that is %s and keeps the others", (code, wrong) => {
    const good = {
      ...{ open: [10, 11], high: [12, 12.5], low: [9.5, 10.75], close: [11, 12] },
      volume: [1_000, 2_000],
    };
    const { facts, refused } = factsOf(chartAnswer({ quote: { ...good, ...wrong } }));
    expect(facts).toHaveLength(1);
    expect(refused.map((each) => each.code)).toEqual([code]);
  });

  it.each([
    ["another symbol", { meta: { symbol: "ABC" } }],
    ["another currency", { meta: { currency: "GBp" } }],
    ["another time zone", { meta: { exchangeTimezoneName: "Europe/London" } }],
    ["an unknown interval", { meta: { dataGranularity: "3mo" } }],
    [
      "columns of different length",
      { quote: { open: [1], high: [], low: [], close: [], volume: [] } },
    ],
    ["times in milliseconds", { timestamp: [Date.UTC(2025, 8, 4), Date.UTC(2025, 8, 5)] }],
    ["negative times", { timestamp: [-1, 5] }],
    ["text for numbers", { quote: { open: ["NaN", 1] } }],
  ])("with %s is refused whole", (_what, parts) => {
    expect(() => readChart(httpOf(chartAnswer(parts)), "XYZ")).toThrow(unreadable);
  });

  it("with repeated or future times loses those, and all of it when they are most", () => {
    const first = Date.UTC(2025, 8, 4, 13, 30) / 1000;
    expect(factsOf(chartAnswer({ timestamp: [first, first] })).refused).toMatchObject([
      { code: "yahoo.time-order" },
    ]);
    const future = chartAnswer({ timestamp: [AT / 1000 + 60, AT / 1000 + 120] });
    expect(() => factsOf(future)).toThrow(unreadable);
  });

  it("of a symbol Yahoo does not know is no outage", () => {
    const answer = { chart: { result: null, error: { code: "Not Found", description: "x" } } };
    expect(() => readChart(httpOf(answer), "XYZ")).toThrow(
      expect.toSatisfy((error) => isProviderError(error, "provider.not-found")),
    );
  });
});

describe("a price", () => {
  it("is the one that was traded, though Yahoo keeps it as a 32-bit float", () => {
    expect(tradedPrice(166.69000244140625, 1)).toBe(166.69);
    expect(tradedPrice(0.1, 1)).toBe(0.1);
    const cents = fc.integer({ min: 1, max: 1_000_000 }).map((count) => count / 100);
    fc.assert(fc.property(cents, (price) => tradedPrice(Math.fround(price), 1) === price));
  });

  it("is to the cent the one that was traded before whatever splits", () => {
    // Apple: 7 to 1 and 4 to 1; GE: 1 to 8; GOOG: 20 to 1; odd ones are of spin-offs.
    const ratios = [2, 3, 4, 7, 10, 20, 28, 3 / 2, 5 / 4, 1 / 8, 1 / 30, 1_281 / 1_000];
    const cents = fc.integer({ min: 100, max: 500_000 }).map((count) => count / 100);
    fc.assert(
      fc.property(cents, fc.constantFrom(...ratios), (price, ratio) => {
        expect(tradedPrice(Math.fround(price / ratio), ratio)).toBe(price);
      }),
      { numRuns: 5_000 },
    );
    // Control: multiplied alone it is none.
    expect(Math.fround(100.01 / 3) * 3).not.toBe(100.01);
  });

  it("is never in another order than stated", () => {
    const floats = fc.float({ min: 1, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(floats, floats, fc.constantFrom(1, 3, 28, 1 / 8), (one, other, ratio) => {
        const [low = 0, high = 0] = [one, other].toSorted((a, b) => a - b);
        expect(tradedPrice(low, ratio)).toBeLessThanOrEqual(tradedPrice(high, ratio));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("key statistics", () => {
  const collect = (parts: object = {}) =>
    keyStatisticsFacts("XYZ", readKeyStatistics(httpOf(statisticsAnswer(parts))), provenanceAt(AT));
  const codes = (parts: object) => collect(parts).refused.map(({ code }) => code);

  it("become short interest, float and shares outstanding, each public since then at the earliest", () => {
    const { facts, refused } = collect();
    expect(refused).toEqual([]);
    expect(facts.map(({ topic, value }) => ({ topic, ...value }))).toMatchObject([
      {
        topic: "short.interest.v1",
        ...{ settlementDate: "2025-08-29", sharesShort: 2_500_000, daysToCover: 5 },
        // Published on 2025-09-10 by rule; Yahoo had it earlier, so it is public since it is here.
        ...{ publishedAt: AT, previousSharesShort: null },
      },
      { topic: "market.reference.v1", field: "FLOAT_SHARES", value: 15_000_000, note: null },
      { field: "SHARES_OUTSTANDING", value: 20_000_000, publishedAt: AT },
    ]);
  });

  it.each([
    ["the calendar's day", [], "2025-09-10"],
    ["the day that a person has decided", ["published=2025-09-04"], "2025-09-04"],
  ])("are FINRA's figure, public since %s (R-SI-17)", (_, decided, date) => {
    const decisions = decided.map((days) => periodDecided("2025-08-29", days, 0));
    const schedule = scheduleAt(decisions, Number.POSITIVE_INFINITY);
    const statistics = readKeyStatistics(httpOf(statisticsAnswer()));
    const provenance = provenanceAt(newYorkToUtc("2025-09-20", "12:00"));
    const [report] = keyStatisticsFacts("XYZ", statistics, provenance, schedule).facts;
    expect(report?.value.publishedAt).toBe(newYorkToUtc(date, "18:00"));
  });

  it.each(["sharesShort", "shortRatio", "floatShares", "dateShortInterest"])(
    "without %s give no short interest, with the reason (R-ING-05)",
    (field) => {
      const { facts, refused } = collect({ [field]: null });
      expect(facts.filter(({ topic }) => topic === "short.interest.v1")).toEqual([]);
      expect(refused).toMatchObject([
        { code: "yahoo.missing-field", message: `${field} is missing` },
      ]);
    },
  );

  it("are refused by name when absurd, and noted when extreme (R-ING-19)", () => {
    expect(codes({ sharesShort: 45_000_001 })).toEqual(["yahoo.short-above-float"]);
    expect(codes({ sharesShort: -1 })).toEqual(["domain.negative"]);
    expect(codes({ floatShares: 0 })).toEqual(["yahoo.short-above-float", "domain.out-of-range"]);
    expect(codes({ floatShares: 20_000_001 })).toEqual(["yahoo.float-above-shares"]);
    expect(codes({ dateShortInterest: Date.UTC(2025, 7, 28) / 1000 })).toEqual([
      "yahoo.settlement-date",
    ]);
    // GME of 2020-12-31: 1.5184 of its float.
    const gme = { sharesShort: 71_196_206, floatShares: 46_888_789, sharesOutstanding: 69_747_000 };
    const { facts, refused } = collect(gme);
    expect(refused).toEqual([]);
    expect(facts[1]?.value).toMatchObject({ note: "extreme: 1.5184 short" });
  });

  it("that are no quote summary are unreadable", () => {
    for (const json of [null, {}, { quoteSummary: { result: [] } }, { message: "quota" }]) {
      expect(() => readKeyStatistics(httpOf(json))).toThrow(unreadable);
    }
  });
});
