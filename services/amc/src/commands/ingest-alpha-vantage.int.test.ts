import {
  CHAIN,
  chainAnswer,
  DATE,
  NEAR_EXPIRY,
  NOTES,
} from "@amc/ingest-options/testing/alpha-vantage-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { barFact } from "@amc/streams/facts/price-tick";
import { atTheMoneyVolatility } from "@amc/streams/market/options";
import { candidate } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

/** The key that the notes state. */
const KEY = "canary-5f1d3c";
const CLOSE_MS = Date.UTC(2025, 8, 5, 20);

describe("amc ingest alpha-vantage", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  /** What each request gets, by its symbol. */
  let answerOf: (symbol: string) => unknown;
  const asked: string[] = [];

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
    asked.length = 0;
    server = await startServer((path, response) => {
      asked.push(path);
      const symbol = new URL(path, "http://alpha").searchParams.get("symbol") ?? "";
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answerOf(symbol)));
    });
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const ingest = (environment: Record<string, string>, ...words: readonly string[]) =>
    runCommand(["ingest", "alpha-vantage", ...words, "--data-dir", directory.path, "--json"], {
      ALPHA_VANTAGE_BASE_URL: `${server.origin}/query`,
      ALPHA_VANTAGE_API_KEY: KEY,
      // Nothing waits in a test: the first failure opens the breaker.
      ALPHA_VANTAGE_CIRCUIT_BREAKER_THRESHOLD: "1",
      ...environment,
    });
  const chainOf = (symbol: string) => chainAnswer(CHAIN.map((row) => ({ ...row, symbol })));

  /** The day of XYZ as another provider stated it before. */
  async function stateClose(close: number): Promise<void> {
    const log = await logAt(directory.path);
    const figures = {
      ...{ symbol: "XYZ", happenedAt: CLOSE_MS, publishedAt: CLOSE_MS + 4 * 3_600_000 },
      ...{ intervalMs: 86_400_000, open: close, high: close, low: close, close, volume: 1 },
      ...{ vwap: null, tradeCount: null },
      volumeScope: "CONSOLIDATED",
    } as const;
    const provenance = { source: "polygon", confidence: 0.98, simulated: false };
    await appendFacts(log, [barFact(figures, provenance)], "/amc/test");
    await log.close();
  }

  it("appends the options of a day beside the close that the log has, from which volatility follows", async () => {
    await stateClose(10);
    answerOf = chainOf;
    const result = await ingest({}, "--symbols", "XYZ,ABC", "--day", DATE);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toEqual([
      {
        ...{ type: "ingest", provider: "alpha_vantage", dataset: "options" },
        ...{ about: `XYZ, ABC on ${DATE}`, facts: 2, known: 0, restated: 0 },
        ...{ unknown: [], refused: {} },
      },
    ]);
    const again = await ingest({}, "--symbols", "XYZ", "--day", DATE);
    expect(jsonLines(again)).toMatchObject([{ facts: 0, known: 1 }]);
    const log = await logAt(directory.path);
    const snapshots = await eventsOf(log, "market.options.v1");
    expect(snapshots).toMatchObject([
      { symbol: "XYZ", underlyingPrice: 10, expiry: NEAR_EXPIRY, gammaWallStrike: 10.5 },
      { symbol: "ABC", underlyingPrice: null, strike: 10, gammaWallStrike: null },
    ]);
    // TV-OPT-01, and null where nobody stated what the share cost.
    expect(snapshots.map(atTheMoneyVolatility)).toEqual([expect.closeTo(0.68388, 6), null]);
    await log.close();
  });

  it("asks for the last day that is over when none is named", async () => {
    answerOf = () => chainAnswer([]);
    const result = await ingest({}, "--symbols", "XYZ");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    const date = new URL(asked[0] ?? "", server.origin).searchParams.get("date") ?? "";
    const age = Date.now() - Date.parse(date);
    expect(age).toBeGreaterThan(20 * 3_600_000);
    expect(age).toBeLessThan(6 * 86_400_000);
  });

  it("keeps to the calls of a day over all runs, and keeps what came before", async () => {
    answerOf = chainOf;
    const budget = { ALPHA_VANTAGE_DAILY_LIMIT: "2" };
    const first = await ingest(budget, "--symbols", "XYZ", "--day", DATE);
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    const second = await ingest(budget, "--symbols", "ABC,DEF", "--day", DATE);
    expect(second.exitCode).toBe(EXIT.unavailable);
    expect(second.stderr).toContain("appended before it: 1");
    expect(asked).toHaveLength(2);
  });

  it("asks for news of the candidates of a week where no symbol is named, of the same budget, and tells it once", async () => {
    const atMs = Date.now() - 3_600_000;
    const log = await logAt(directory.path);
    const found = candidate({ symbol: "XYZ", slot: atMs, happenedAt: atMs });
    const topic = "discovery.candidate.v1";
    const headers = eventHeaders({ id: found.id, source: "/test", topic, happenedAt: atMs });
    const value = encodeEvent(topic, found.value);
    await log.commit({ appends: [{ topic, key: found.key, value, headers }] });
    await log.close();
    const story = {
      ...{ title: "XYZ beats estimates", url: "https://news.example/xyz-beats-estimates" },
      time_published: new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, ""),
      ticker_sentiment: [{ ticker: "XYZ", relevance_score: "0.9" }],
    };
    answerOf = () => ({ items: "1", feed: [story] });
    const budget = { ALPHA_VANTAGE_DAILY_LIMIT: "2" };
    const told = await ingest(budget, "--news");
    expect(told.exitCode, told.stderr).toBe(EXIT.ok);
    expect(jsonLines(told)).toMatchObject([{ dataset: "news", about: "XYZ", facts: 1 }]);
    expect(asked[0]).toContain("function=NEWS_SENTIMENT&tickers=XYZ");
    expect(jsonLines(await ingest(budget, "--news"))).toMatchObject([{ facts: 0 }]);
    expect((await ingest(budget, "--news")).exitCode).toBe(EXIT.unavailable);
    const after = await logAt(directory.path);
    const news = await eventsOf(after, "market.news.v1");
    expect(news).toMatchObject([{ symbol: "XYZ", source: "alpha-vantage", simulated: false }]);
    expect(news[0]?.polarity).toBeGreaterThan(0.5);
    await after.close();
  });

  it("takes a quota note for what it is, and shows the key that it states to nobody", async () => {
    answerOf = () => ({ Information: NOTES.day });
    const result = await ingest({}, "--symbols", "XYZ", "--day", DATE);
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toContain("asked too often");
    expect(result.stdout + result.stderr).not.toContain(KEY);
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "market.options.v1")).toEqual([]);
    const calls = await eventsOf(log, "ops.provider-call.v1");
    expect(calls).toMatchObject([{ success: false, rateLimited: true, statusCode: null }]);
    expect(JSON.stringify(calls)).not.toContain(KEY);
    await log.close();
  });

  it("asks nobody without a key, symbols or a trading day", async () => {
    const onSaturday = ["--symbols", "XYZ", "--day", "2025-09-06"];
    for (const words of [[], onSaturday, ["--day", DATE], ["--news", "--day", DATE]]) {
      expect((await ingest({}, ...words)).exitCode, words.join(" ")).toBe(EXIT.usage);
    }
    const keyless = await ingest({ ALPHA_VANTAGE_API_KEY: "" }, "--symbols", "XYZ");
    expect(keyless.exitCode).toBe(EXIT.config);
    expect(asked).toEqual([]);
  });
});
