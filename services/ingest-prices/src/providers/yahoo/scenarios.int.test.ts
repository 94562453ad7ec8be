import { createMemoryCache } from "@amc/platform/cache/memory";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chartAnswer, statisticsAnswer } from "../../testing/yahoo-answers.ts";
import { Yahoo } from "./yahoo.ts";

const START_MS = Date.UTC(2025, 8, 8, 12);
const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2025, 8, 4);

/** Answers that look well and are not (F28), each with how often its polls are asked anew. */
const ABSURD: Readonly<Record<string, unknown>> = {
  "a quota note": { message: "Too many requests" },
  "another symbol": chartAnswer({ meta: { symbol: "ABC" } }),
  "prices of NaN": chartAnswer({ quote: { open: ["NaN"] } }),
  "negative prices": chartAnswer({
    quote: { open: [-1, -1], high: [-1, -1], low: [-1, -1], close: [-1, -1], volume: [1, 1] },
  }),
  "future times": chartAnswer({ timestamp: [START_MS / 1000 + 1e5, START_MS / 1000 + 2e5] }),
  "times in ms": chartAnswer({ timestamp: [START_MS, START_MS] }),
  "no columns": chartAnswer({ quote: {} }),
  nothing: null,
};

describe("polls of Yahoo", () => {
  let server: LocalServer;
  let under: ProviderUnderTest;
  let yahoo: Yahoo;
  /** What the server answers now: a failure by name, a status or JSON. */
  let answer: { readonly name?: string; readonly status?: number; readonly json?: unknown };

  beforeEach(async () => {
    server = await startServer((_path, response) => {
      const fail = FAILURES[answer.name ?? ""];
      if (fail !== undefined) return fail(response, 1);
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.json ?? {}));
    });
    under = providerUnderTest("yahoo", server.origin, {
      startMs: START_MS,
      limits: { deadlineMs: 120_000 },
    });
    const cache = createMemoryCache(under.clock.nowMs);
    const { client, clock } = under;
    yahoo = new Yahoo({ client, baseUrl: server.origin, clock, cache });
  });
  afterEach(async () => {
    await under.close();
    await server.close();
  });

  /** Polls as a job does; how many facts came. */
  async function poll(times: number): Promise<number> {
    let facts = 0;
    for (let polls = 0; polls < times; polls += 1) {
      try {
        const collected = await yahoo.chart("XYZ", "1d", FROM_MS);
        await appendFacts(under.log, collected.facts, "/amc/test");
        facts += collected.facts.length;
      } catch (error) {
        if (!(error instanceof Error && error.name === "ProviderError")) throw error;
      }
      under.clock.advance(1_000);
    }
    return facts;
  }

  it.each(Object.keys(ABSURD))(
    "give no fact of %s, open the breaker after five, and fill the gap later (F28)",
    async (name) => {
      answer = { json: ABSURD[name] };
      expect(await poll(25)).toBe(0);
      expect(server.requests()).toBe(5);
      expect((await eventsOf(under.log, "ops.provider-call.v1")).length).toBe(5);
      under.clock.advance(300_000);
      answer = { json: chartAnswer() };
      expect(await poll(1)).toBe(2);
      const bars = await eventsOf(under.log, "market.price-tick.v1");
      expect(bars.map(({ close }) => close)).toEqual([11, 12]);
    },
  );

  it.each(["HTML with status 200", "truncated JSON", "cut in a chunk", "empty with status 200"])(
    "give no fact of an answer that is %s (F28)",
    async (name) => {
      answer = { name };
      expect(await poll(25)).toBe(0);
      expect(server.requests()).toBe(5);
    },
  );

  it.each([429, 500, 502, 503])(
    "give no fact of status %i and stay within the budget (F28)",
    async (status) => {
      answer = { status };
      expect(await poll(25)).toBe(0);
      expect(server.requests()).toBe(5);
      const calls = await eventsOf(under.log, "ops.provider-call.v1");
      expect(calls.filter(({ rateLimited }) => rateLimited)).toHaveLength(status === 429 ? 5 : 0);
    },
  );

  it("take what Yahoo said before for 72 hours, at confidence 0.7 and marked, and then nothing (R-ING-17)", async () => {
    answer = { json: statisticsAnswer() };
    const fresh = await yahoo.keyStatistics("XYZ");
    expect(fresh).toMatchObject({ from: "provider", failure: null });
    expect(fresh.facts.every(({ value }) => value.source === "yahoo")).toBe(true);
    answer = { status: 500 };
    under.clock.advance(60 * HOUR_MS);
    const cached = await yahoo.keyStatistics("XYZ");
    expect(cached).toMatchObject({ from: "cache", failure: { code: "provider.unavailable" } });
    expect(cached.facts.map(({ value }) => value)).toMatchObject([
      {
        ...{ source: "cache", confidence: 0.7, sharesShort: 2_500_000 },
        // Since it came, not since it is taken again; no call gave it.
        ...{ capturedAt: START_MS, providerLatencyMs: null },
      },
      { source: "cache", confidence: 0.7 },
      { source: "cache", confidence: 0.7 },
    ]);
    under.clock.advance(20 * HOUR_MS);
    const none = { from: "nowhere", facts: [], refused: [] };
    expect(await yahoo.keyStatistics("XYZ")).toMatchObject({
      ...none,
      failure: { code: "provider.unavailable" },
    });
  });

  it("take nothing of before for a symbol that Yahoo does not know", async () => {
    answer = { json: statisticsAnswer() };
    await yahoo.keyStatistics("XYZ");
    answer = { status: 404 };
    const none = { from: "nowhere", facts: [], refused: [] };
    expect(await yahoo.keyStatistics("XYZ")).toMatchObject({
      ...none,
      failure: { code: "provider.not-found" },
    });
  });

  it("take what was said before in place of statistics that are absurd throughout, which count as a failure", async () => {
    answer = { json: statisticsAnswer() };
    await yahoo.keyStatistics("XYZ");
    answer = {
      json: statisticsAnswer({ sharesShort: -1, floatShares: -1, sharesOutstanding: -1 }),
    };
    const cached = await yahoo.keyStatistics("XYZ");
    expect(cached).toMatchObject({ from: "cache", failure: { code: "provider.unreadable" } });
    const calls = await eventsOf(under.log, "ops.provider-call.v1");
    expect(calls.map(({ success }) => success)).toEqual([true, false]);
    // A fund has no short interest: Yahoo is well.
    answer = {
      json: statisticsAnswer({ sharesShort: null, floatShares: null, sharesOutstanding: null }),
    };
    expect(await yahoo.keyStatistics("SPY")).toMatchObject({ from: "provider", facts: [] });
  });
});
