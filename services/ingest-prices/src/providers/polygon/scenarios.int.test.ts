import type { HttpAnswer } from "@amc/platform/http/exchange";
import type { ProviderLimits } from "@amc/platform/http/provider-limits";
import { readJson } from "@amc/platform/http/read-json";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import { PolledProvider } from "@amc/platform/http/testing/polled-provider";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { barFact } from "@amc/streams/facts/price-tick";
import { DAY_MS, MINUTE_MS as ONE_MINUTE_MS } from "@amc/streams/market/calendar-date";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  aggregate,
  barsAnswer,
  MINUTE_MS,
  marketDayAnswer,
  snapshotAnswer,
  ticker,
} from "../../testing/polygon-answers.ts";
import { AGGREGATE, barOf } from "./aggregate.ts";
import { Polygon } from "./polygon.ts";

const START_MS = Date.UTC(2025, 8, 8, 12);
const KEY = "canary-5f1d3c";
const RANGE = { symbol: "XYZ", from: "2025-09-04", to: "2025-09-05" } as const;

/** Answers that look well and are not (F28). */
const ABSURD: Readonly<Record<string, unknown>> = {
  "a quota note": {
    status: "ERROR",
    error: "You've exceeded the maximum requests per minute, please wait.",
  },
  "another status": { status: "ERROR", error: "Internal error" },
  "another symbol": barsAnswer(undefined, { ticker: "ABC" }),
  "adjusted prices": barsAnswer(undefined, { adjusted: true }),
  "prices of NaN": barsAnswer([aggregate(MINUTE_MS, { o: "NaN" })]),
  "negative prices": barsAnswer([aggregate(MINUTE_MS, { o: -10, h: -9, l: -12, c: -11 })]),
  "negative volume": barsAnswer([aggregate(MINUTE_MS, { v: -1 })]),
  "future times": barsAnswer([aggregate(START_MS + DAY_MS)]),
  "times in seconds": barsAnswer([aggregate(MINUTE_MS / 1000)]),
  "times in ns": barsAnswer([aggregate(MINUTE_MS * 1e6)]),
  "fewer rows than stated": barsAnswer(undefined, { resultsCount: 400 }),
  "no rows that were counted": barsAnswer([], { resultsCount: 2 }),
  nothing: null,
};

describe("polls of Polygon", () => {
  let polled: PolledProvider;
  let polygon: Polygon;

  const open = async (limits: Partial<ProviderLimits>) => {
    polled = await PolledProvider.start("polygon", { startMs: START_MS, limits });
    polygon = new Polygon({
      ...{ client: polled.under.client, baseUrl: polled.server.origin, apiKey: KEY },
    });
  };
  beforeEach(() => open({ deadlineMs: 60_000 }));
  afterEach(() => polled.close());

  const minutes = () => polygon.bars({ ...RANGE, intervalMs: ONE_MINUTE_MS });
  const days = () => polygon.bars({ ...RANGE, intervalMs: DAY_MS });

  it.each(Object.keys(ABSURD))(
    "give no fact of %s, open the breaker after five, and fill the gap later (F28)",
    async (name) => {
      polled.answers({ json: ABSURD[name] });
      expect(await polled.poll(25, minutes)).toBe(0);
      expect(polled.requests).toHaveLength(5);
      const { log, clock } = polled.under;
      expect(await eventsOf(log, "ops.provider-call.v1")).toHaveLength(5);
      clock.advance(120_000);
      polled.answers({ json: barsAnswer() });
      expect(await polled.poll(1, days)).toBe(2);
      const bars = await eventsOf(log, "market.price-tick.v1");
      expect(bars.map(({ vwap }) => vwap)).toEqual([10.75, 10.75]);
    },
  );

  it.each(Object.keys(FAILURES))(
    "give no fact of an answer that is %s (B11)",
    async (failure) => {
      await polled.close();
      const isEndless = /^(never|begun|endless, a byte)/.test(failure);
      await open({ deadlineMs: isEndless ? 300 : 60_000 });
      // 16 makes the large ones larger than the 20 MB that a market may have.
      polled.answers({ failure, size: 16 });
      expect(await polled.poll(6, minutes)).toBe(0);
      const changes = await eventsOf(polled.under.log, "ops.circuit-breaker.v1");
      expect(changes.map(({ change }) => change)).toEqual(["OPENED"]);
      expect(await eventsOf(polled.under.log, "market.price-tick.v1")).toEqual([]);
    },
    30_000,
  );

  it.each([429, 500, 502, 503])("give no fact of status %i (F28)", async (status) => {
    polled.answers({ status });
    expect(await polled.poll(25, minutes)).toBe(0);
    expect(polled.requests).toHaveLength(5);
  });

  it("are refused once for a wrong key, which is no fault of Polygon's", async () => {
    polled.answers({ status: 403, json: { status: "NOT_AUTHORIZED" } });
    await expect(days()).rejects.toMatchObject({ code: "provider.refused" });
    expect(polled.requests).toHaveLength(1);
    expect(await eventsOf(polled.under.log, "ops.circuit-breaker.v1")).toEqual([]);
  });

  it("are never more than 100 in any minute, as the mock counts, and wait for their turn (R-ING-08)", async () => {
    polled.answers({ json: snapshotAnswer([ticker("XYZ")]) });
    for (let polls = 0; polls < 250; polls += 1) await polygon.snapshot(["XYZ"]);
    expect(polled.requests).toHaveLength(250);
    expect(polled.mostWithin(60_000)).toBe(100);
    expect(polled.under.clock.elapsedMs()).toBeGreaterThanOrEqual(120_000);
  });

  it("control: without breaker and budget the same mock counts every poll", async () => {
    await polled.close();
    const breaker = { failures: 1_000, openMs: 1, successes: 1 };
    await open({ deadlineMs: 60_000, breaker, windows: [] });
    polled.answers({ json: ABSURD["negative prices"] });
    await polled.poll(25, minutes);
    expect(polled.requests).toHaveLength(25);
    polled.answers({ json: snapshotAnswer([ticker("XYZ")]) });
    for (let polls = 0; polls < 250; polls += 1) await polygon.snapshot(["XYZ"]);
    expect(polled.mostWithin(60_000)).toBeGreaterThan(250);
  });

  it.each(["negative prices", "future times", "fewer rows than stated"])(
    "control: a reader that believes what it is told makes facts of %s",
    async (name) => {
      polled.answers({ json: ABSURD[name] });
      const { client } = polled.under;
      const url = new URL(`${polled.server.origin}/v2/aggs`);
      const believe = async () => {
        const request = { url, accept: ["application/json"] };
        const read = (http: HttpAnswer) =>
          z.object({ results: z.array(AGGREGATE) }).parse(readJson(http));
        const { answer, captured } = await client.ask({ endpoint: "believed", request, read });
        const provenance = { source: "polygon", confidence: 1, simulated: true, captured };
        const bars = answer.results.map((row) => barOf("XYZ", row, row.t, ONE_MINUTE_MS));
        return { facts: bars.map((bar) => barFact(bar, provenance)), refused: [] };
      };
      expect(await polled.poll(1, believe)).toBeGreaterThan(0);
    },
  );

  it("take all pages of a range or none, and follow none that leads away with the key", async () => {
    const next = (path: string) => `${polled.server.origin}${path}?cursor=2`;
    const first = barsAnswer([aggregate(MINUTE_MS)], { next_url: next("/v2/aggs/page") });
    const second = barsAnswer([aggregate(MINUTE_MS + ONE_MINUTE_MS)]);
    polled.answers((path) => (path.includes("cursor") ? second : first));
    expect((await minutes()).facts).toHaveLength(2);
    polled.answers((path) => (path.includes("cursor") ? { status: "ERROR" } : first));
    await expect(minutes()).rejects.toMatchObject({ code: "provider.unreadable" });
    // The second page begins where the first did.
    polled.answers((path) =>
      path.includes("cursor") ? barsAnswer([aggregate(MINUTE_MS)]) : first,
    );
    await expect(minutes()).rejects.toMatchObject({ code: "provider.unreadable" });
    const away = barsAnswer([aggregate(MINUTE_MS)], { next_url: "https://example.com/?cursor=2" });
    polled.answers({ json: away });
    await expect(minutes()).rejects.toMatchObject({ code: "provider.unreadable" });
    // A page that names itself as the next one does not go on for ever.
    const loop = barsAnswer([], { next_url: next("/v2/aggs/page") });
    polled.answers({ json: loop });
    await expect(minutes()).rejects.toMatchObject({ code: "provider.unreadable" });
  });

  it("take the whole market in one call, of one day and of now", async () => {
    const symbols = Array.from({ length: 11_000 }, (_, index) => `S${index.toString(36)}`);
    const upper = symbols.map((symbol) => symbol.toUpperCase());
    polled.answers({ json: marketDayAnswer(upper) });
    expect((await polygon.marketDay("2025-09-04")).facts).toHaveLength(11_000);
    // Some 6 MB, more than the cap of other answers.
    polled.answers({ json: snapshotAnswer(upper.map((symbol) => ticker(symbol))) });
    expect((await polygon.snapshot(null)).facts).toHaveLength(22_000);
    expect(polled.requests.map(({ path }) => path)).toEqual([
      "/v2/aggs/grouped/locale/us/market/stocks/2025-09-04?adjusted=false&include_otc=false",
      "/v2/snapshot/locale/us/markets/stocks/tickers?include_otc=false",
    ]);
  });

  it("show the key to Polygon only: not in an address, an event or an error", async () => {
    polled.answers({ json: barsAnswer() });
    await polled.poll(1, days);
    polled.answers({ status: 403 });
    const error = await days().catch((caught: unknown) => caught);
    const told = `${String(error)} ${JSON.stringify(error)}`;
    const records = await polled.recordedText();
    expect(records).toContain("v2/aggs/ticker");
    expect(`${told} ${records}`).not.toContain(KEY);
    expect(polled.requests.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(
      true,
    );
    expect(polled.requests.some(({ path }) => path.includes(KEY))).toBe(false);
  });
});
