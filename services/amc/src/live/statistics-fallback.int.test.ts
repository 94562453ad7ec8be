import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import {
  REDIS_MISSING,
  REDIS_SKIP_NOTE,
  TestRedis,
} from "@amc/platform/cache/testing/redis-server";
import { loadConfig } from "@amc/platform/config/load-config";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { systemLayout } from "@amc/platform/runtime/layout";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import type { Fact } from "@amc/streams/kernel/fact";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Closers } from "../closers.ts";
import { KnownBars } from "./known-bars.ts";
import { openLiveSources } from "./live-sources.ts";
import { SourceAsker } from "./source-asker.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2025, 8, 8, 12);
/** More than failures in a row that open the breaker. */
const SYMBOLS = Array.from({ length: 10 }, (_, index) => `GM${String.fromCharCode(65 + index)}`);

/** A log, and how many records of what statistics are compared with were read from it. */
function readsOf(inner: Log) {
  let count = 0;
  const log: Log = {
    ...logWithCommit(inner, (commit) => inner.commit(commit)),
    read: async (topic, partition, offset, limits) => {
      const read = await inner.read(topic, partition, offset, limits);
      if (topic === "short.interest.v1" || topic === "market.reference.v1") count += read.length;
      return read;
    },
  };
  return { log, records: () => count };
}

function finraReports(count: number): readonly Fact[] {
  const captured = { at: START_MS, latencyMs: null };
  const provenance = { source: "finra", confidence: 0.95, simulated: false, captured };
  const figures = {
    ...{ settlementDate: "2025-08-15", publishedAt: START_MS, sharesShort: 1_000 },
    ...{ previousSharesShort: null, averageDailyVolume: null, daysToCover: null },
    precision: "EXACT",
    revision: false,
  } as const;
  return Array.from({ length: count }, (_, index) =>
    shortInterestFact({ ...figures, symbol: `F${index}` }, provenance),
  );
}

/** Statistics as live asks for them, while Yahoo answers and when it does not. */
describe("statistics of Yahoo, live", () => {
  let server: MockServer;
  let closers: Closers;

  beforeEach(async () => {
    closers = new Closers();
    server = await startMockServer(mockYahoo(new MockMarket(SYMBOLS), () => START_MS));
  });
  afterEach(async () => {
    await closers.close();
    await server.close();
  });

  /** A live process with a log of its own; Redis, where there is one, is everybody's. */
  async function live(
    environment: Readonly<Record<string, string>> = {},
    symbols: readonly string[] = ["GME"],
  ) {
    const clock = virtualClock(START_MS);
    const { log, records } = readsOf(createMemoryLog(systemLayout(1), clock.nowMs));
    const variables = loadConfig({
      YAHOO_FINANCE_BASE_URL: server.origin,
      YAHOO_FINANCE_COOKIE_URL: `${server.origin}${COOKIE_PATH}`,
      YAHOO_FINANCE_RETRY_ATTEMPTS: "0",
      ...environment,
    });
    const known = new KnownBars();
    const { tasks } = await openLiveSources({
      universe: { companies: [], symbols, isWholeMarket: false },
      ...{ variables, mocked: new Map(), clock, closers, log, known },
      metrics: { called: () => undefined },
    });
    const told: string[] = [];
    const teller = {
      unreachable: (_: string, code: string) => told.push(code),
      ...{ answersAgain: () => told.push("answers"), unknown: () => undefined },
    };
    const task = tasks.find(({ what }) => what === "float and short interest");
    const asker = new SourceAsker({ log, known, teller }, "yahoo", "/amc/ingest-prices");
    const sweep = async () => {
      const questions = (await task?.questions(clock.nowMs())) ?? [];
      return asker.sweep(questions, new AbortController().signal);
    };
    const said = async (topic: "short.interest.v1" | "market.reference.v1") =>
      (await eventsOf(log, topic)).map(({ source, confidence }) => [source, confidence]);
    return { clock, log, records, sweep, told, said };
  }

  it("are told once by Yahoo, and not again as another source while it does not answer", async () => {
    const { sweep, told, clock, said } = await live();
    await sweep();
    // What has not changed is not told again: Yahoo's own word is older than what it said last.
    clock.advance(24 * HOUR_MS);
    expect(await sweep()).toMatchObject({ facts: 0, failed: 0 });
    server.failNext({ status: 500 });
    clock.advance(HOUR_MS);
    expect(await sweep()).toMatchObject({ failed: 1 });
    expect(await said("short.interest.v1")).toEqual([["yahoo", 0.65]]);
    expect((await said("market.reference.v1")).map(([source]) => source)).toEqual([
      ...["yahoo", "yahoo"],
    ]);
    expect(told).toEqual(["provider.unavailable"]);
  });

  it("are not told again as another source of those that Yahoo's breaker keeps back", async () => {
    const { sweep, told, clock, said } = await live({}, SYMBOLS);
    await sweep();
    server.failWith({ status: 500 });
    clock.advance(HOUR_MS);
    expect(await sweep()).toMatchObject({ asked: 10, failed: 10 });
    expect(told).toEqual(["provider.unavailable"]);
    expect(await said("short.interest.v1")).toEqual(SYMBOLS.map(() => ["yahoo", 0.65]));
  });

  it("read the log once a sweep, however many symbols and reports there are", async () => {
    const { clock, log, records, sweep } = await live({}, SYMBOLS);
    await appendFacts(log, finraReports(200), "/amc/test");
    expect(await sweep()).toMatchObject({ asked: 10, facts: 30 });
    expect(records()).toBe(200);
    clock.advance(HOUR_MS);
    expect(await sweep()).toMatchObject({ asked: 10, facts: 0 });
    expect(records()).toBe(200 + 230);
  });

  describe.skipIf(REDIS_MISSING !== null)(`to a log that is new${REDIS_SKIP_NOTE}`, () => {
    it.each([
      ["are what Yahoo said before, marked, while it does not answer", "true", [["cache", 0.7]]],
      ["are unknown with YAHOO_FINANCE_USE_CACHE=false", "false", []],
    ])("%s (R-ENV-16, R-ING-17)", async (_, YAHOO_FINANCE_USE_CACHE, expected) => {
      const redis = await TestRedis.start(["--save", ""]);
      onTestFinished(() => redis.stop());
      const environment = { YAHOO_FINANCE_USE_CACHE, REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      await (await live(environment)).sweep();
      // Cookie and crumb of the new process come first.
      server.failNext("data", "data", { status: 500 });
      const { sweep, said, told } = await live(environment);
      expect(await sweep()).toMatchObject({ failed: 1 });
      expect(await said("short.interest.v1")).toEqual(expected);
      expect(told).toEqual(["provider.unavailable"]);
    });

    it("are what Yahoo said before of all of them, though five failures in a row stop the questions (R-ING-17)", async () => {
      const redis = await TestRedis.start(["--save", ""]);
      onTestFinished(() => redis.stop());
      const environment = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      await (await live(environment, SYMBOLS)).sweep();
      server.failWith({ status: 500 });
      const before = server.asked().length;
      const { sweep, said, told } = await live(environment, SYMBOLS);
      expect(await sweep()).toMatchObject({ asked: 10, failed: 10 });
      expect(server.asked().length - before).toBe(5);
      expect(await said("short.interest.v1")).toEqual(SYMBOLS.map(() => ["cache", 0.7]));
      expect(told).toEqual(["provider.unavailable"]);
    });
  });
});
