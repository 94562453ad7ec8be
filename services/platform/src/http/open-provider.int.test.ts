import { TOPIC_NAMES } from "@amc/schemas/topics";
import { envelope } from "@amc/streams/facts/envelope";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { createMemoryLog } from "../log/memory.ts";
import { ProcessMetrics } from "../metrics/process-metrics.ts";
import { startServer } from "./mock/local-server.ts";
import { openProvider } from "./open-provider.ts";
import { readJson } from "./read-json.ts";
import { eventsOf } from "./testing/provider-under-test.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

describe("a provider that is opened again", () => {
  it("counts what was called before, whichever process called and whatever the partition", async () => {
    const server = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    });
    const clock = virtualClock();
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 3 }));
    const log = createMemoryLog(layout, clock.nowMs);
    const open = (provider: "alpha_vantage" | "polygon") =>
      openProvider({
        ...{ provider, log, clock, source: "/amc/test", baseUrls: [`${server.origin}/query`] },
        variables: loadConfig({ ALPHA_VANTAGE_DAILY_LIMIT: "7" }),
      });
    const ask = async (provider: "alpha_vantage" | "polygon", times: number) => {
      const opened = await open(provider);
      const request = { url: new URL(`${server.origin}/query`), accept: ["application/json"] };
      try {
        for (let calls = 0; calls < times; calls += 1) {
          await opened.client.ask({ endpoint: "query", request, read: readJson });
        }
      } finally {
        await opened.close();
      }
    };
    try {
      // Of 23 h 50 min ago: within the day that counts.
      await ask("alpha_vantage", 2);
      clock.advance(86_400_000 - 600_000);
      await ask("alpha_vantage", 4);
      await ask("polygon", 3);
      await expect(ask("alpha_vantage", 2)).rejects.toMatchObject({
        code: "provider.budget-spent",
        facts: { retryAfterMs: expect.any(Number) },
      });
      expect(server.requests()).toBe(10);
      clock.advance(600_000);
      await ask("alpha_vantage", 2);
      expect(server.requests()).toBe(12);
    } finally {
      await server.close();
    }
  });
});

describe("facts of a provider", () => {
  it("are stale as they are captured from the ages on that the environment gives (R-ENV-25)", async () => {
    const clock = virtualClock();
    const log = createMemoryLog(
      TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 })),
      clock.nowMs,
    );
    const staleAfter = async (environment: Record<string, string>, hours: number) => {
      const variables = loadConfig(environment);
      const given = { variables, log, clock, source: "/amc/test", baseUrls: [] };
      const opened = await openProvider({ ...given, provider: "alpha_vantage" });
      await opened.close();
      const { simulated, staleness } = opened.client;
      const captured = { at: clock.nowMs() + hours * 3_600_000, latencyMs: 80 };
      const provenance = { source: "test", confidence: 1, simulated, staleness, captured };
      return envelope("XYZ", clock.nowMs(), clock.nowMs(), provenance, "options").stale;
    };
    expect(await staleAfter({}, 24)).toBe(false);
    expect(await staleAfter({}, 25)).toBe(true);
    expect(await staleAfter({ OPTIONS_DATA_STALENESS_HOURS: "25" }, 25)).toBe(false);
    expect(await staleAfter({ OPTIONS_DATA_STALENESS_HOURS: "25" }, 26)).toBe(true);
  });
});

describe("calls to a provider", () => {
  it("are events, lines and figures alike, as many as were sent, and none of them holds the key", async () => {
    const answers = [200, 500, 500, 500, 200];
    const server = await startServer((_path, response) => {
      response.writeHead(answers.shift() ?? 404, { "content-type": "application/json" });
      response.end("{}");
    });
    const clock = virtualClock();
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
    const log = createMemoryLog(layout, clock.nowMs);
    const lines: object[] = [];
    const take = (facts: object, message: string) => void lines.push({ ...facts, message });
    const metrics = new ProcessMetrics(clock.nowMs);
    const opened = await openProvider({
      ...{ provider: "yahoo", log, clock, source: "/amc/test", baseUrls: [server.origin] },
      ...{ logger: { info: take, warn: take }, metrics: metrics.providerCalls },
      variables: loadConfig({ YAHOO_FINANCE_RETRY_ATTEMPTS: "2" }),
    });
    const url = new URL(`${server.origin}/v8?crumb=canary-31ab`);
    const headers = { authorization: "canary-31ab" };
    const request = { url, headers, accept: ["application/json"] };
    const question = { endpoint: "v8/finance/chart", request, read: readJson };
    try {
      await opened.client.ask(question);
      await expect(opened.client.ask(question)).rejects.toMatchObject({
        code: "provider.unavailable",
      });
    } finally {
      await opened.close();
      await server.close();
    }
    const calls = await eventsOf(log, "ops.provider-call.v1");
    expect(server.requests()).toBe(4);
    expect(calls).toHaveLength(4);
    expect(lines).toEqual(
      calls.map(({ happenedAt, success, errorCode, responseMs }) => ({
        ...{ message: "api_access", provider: "yahoo", endpoint: "v8/finance/chart", success },
        ...{ response_time_ms: responseMs, error: errorCode },
        timestamp: new Date(happenedAt).toISOString(),
      })),
    );
    const text = await metrics.metrics();
    for (const figure of [
      "yahoo_finance_api_requests_total 4",
      "yahoo_finance_api_errors_total 3",
      "yahoo_finance_response_time_seconds_count 4",
      "yahoo_finance_circuit_breaker_state 0",
      'amc_provider_api_requests_total{provider="yahoo"} 4',
      'amc_provider_api_errors_total{provider="yahoo"} 3',
      'amc_provider_api_simulated{provider="yahoo"} 0',
    ]) {
      expect(text).toContain(`${figure}\n`);
    }
    expect(JSON.stringify([calls, lines]) + text).not.toContain("canary");
  });

  it("show in the figures that the breaker opened, and nothing of a provider that is not asked", async () => {
    const metrics = new ProcessMetrics(() => 0);
    expect(await metrics.metrics()).not.toMatch(/^(yahoo|amc_provider_api_requests_total\{)/m);
    const happenedAt = 0;
    const opening = { provider: "yahoo", failureCount: 5, reason: "x", happenedAt };
    metrics.providerCalls.called({
      ...{ calls: [], callIds: [], answers: [] },
      breakerChanges: [{ ...opening, change: "OPENED", autoRecoveryAt: 300_000, simulated: false }],
    });
    expect(await metrics.metrics()).toContain("yahoo_finance_circuit_breaker_state 2\n");
  });
});
