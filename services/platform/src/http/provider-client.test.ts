import { MockAgent } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import type { HttpAnswer } from "./exchange.ts";
import { ProviderClient } from "./provider-client.ts";
import { isProviderError, ProviderError } from "./provider-error.ts";
import { areBreakersOn, type Provider, providerLimits } from "./provider-limits.ts";
import { memoryJournal } from "./testing/memory-journal.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

const ORIGIN = "https://provider.example";
const JSON_TYPE = { headers: { "content-type": "application/json; charset=utf-8" } };

function readJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new ProviderError("provider.unreadable", "no JSON", {}, { cause: error });
  }
}

const agents: MockAgent[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
});

function clientUnderTest(provider: Provider, environment: Record<string, string> = {}) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  agents.push(agent);
  const variables = loadConfig(environment);
  const clock = virtualClock();
  const journal = memoryJournal();
  const client = new ProviderClient({
    provider,
    limits: providerLimits(provider, variables),
    dispatcher: agent,
    trusted: new Set(),
    journal,
    clock,
    random: () => 0,
    breakerOn: areBreakersOn(variables),
    simulated: false,
  });
  const sentAt: number[] = [];
  /** Answers the next `times` requests so; -1 for all. */
  const answer = (
    status: number,
    body: string,
    headers: Record<string, string> = {},
    times = 1,
  ) => {
    const reply = agent
      .get(ORIGIN)
      .intercept({ path: "/data?apikey=canary-key", method: "GET" })
      .reply(() => {
        sentAt.push(clock.elapsedMs());
        return {
          statusCode: status,
          data: body,
          responseOptions: { headers: { ...JSON_TYPE.headers, ...headers } },
        };
      });
    if (times < 0) reply.persist();
    else reply.times(times);
  };
  const ask = (signal?: AbortSignal, isAside = false) =>
    client.ask({
      isAside,
      endpoint: "data",
      request: { url: new URL(`${ORIGIN}/data?apikey=canary-key`), accept: ["application/json"] },
      read: readJson,
      ...(signal === undefined ? {} : { signal }),
    });
  return { client, clock, journal, answer, ask, sentAt };
}

describe("a call to a provider", () => {
  it("gives what the answer says, with when it came, and is recorded without its key (R-ING-16)", async () => {
    const { answer, ask, journal, clock } = clientUnderTest("finra_short");
    answer(200, '{"value":7}');
    expect(await ask()).toEqual({
      answer: { value: 7 },
      captured: { at: clock.nowMs(), latencyMs: 0 },
    });
    expect(journal.calls).toEqual([
      {
        provider: "finra_short",
        endpoint: "data",
        happenedAt: clock.nowMs(),
        attempt: 1,
        responseMs: 0,
        statusCode: 200,
        success: true,
        errorCode: null,
        errorMessage: null,
        rateLimited: false,
        circuitBreakerOpen: false,
        simulated: false,
      },
    ]);
  });

  it("is repeated after 429, waiting at least 2 s and then 4 s (R-ING-12)", async () => {
    const { answer, ask, clock, journal } = clientUnderTest("polygon");
    answer(429, "{}", {}, 2);
    answer(200, '{"value":7}');
    expect((await ask()).answer).toEqual({ value: 7 });
    expect(clock.waits).toEqual([2_000, 4_000]);
    expect(journal.calls.map((call) => [call.attempt, call.statusCode, call.rateLimited])).toEqual([
      [1, 429, true],
      [2, 429, true],
      [3, 200, false],
    ]);
  });

  it.each([400, 401, 403, 404, 422])("is not repeated after %i (R-ING-12)", async (status) => {
    const { answer, ask, journal, sentAt } = clientUnderTest("polygon");
    answer(status, "{}", {}, -1);
    await expect(ask()).rejects.toSatisfy(isProviderError);
    expect(sentAt).toHaveLength(1);
    expect(journal.breakerChanges).toEqual([]);
  });

  it("waits as long as Retry-After says, and so do all other jobs of the provider", async () => {
    const { answer, ask, sentAt } = clientUnderTest("polygon");
    answer(429, "{}", { "retry-after": "30" });
    answer(200, "{}", {}, -1);
    await Promise.all([ask(), ask()]);
    expect(sentAt[0]).toBe(0);
    expect(sentAt.slice(1).every((at) => at === 0 || at >= 30_000)).toBe(true);
    await ask();
    expect(sentAt.at(-1)).toBeGreaterThanOrEqual(30_000);
  });

  it("understands a Retry-After that names a date, and passes over one that says nothing", async () => {
    const { answer, ask, clock } = clientUnderTest("polygon");
    answer(429, "{}", { "retry-after": new Date(clock.nowMs() + 45_000).toUTCString() });
    answer(503, "{}", { "retry-after": "soon" });
    answer(200, "{}");
    await ask();
    expect(clock.waits).toEqual([45_000, 4_000]);
  });

  it("leaves a provider alone that asks for more patience than a call has", async () => {
    const { answer, ask, sentAt, clock } = clientUnderTest("polygon");
    answer(429, "{}", { "retry-after": "3600" });
    await expect(ask()).rejects.toMatchObject({ code: "provider.rate-limited" });
    await expect(ask()).rejects.toMatchObject({ code: "provider.budget-spent" });
    expect(sentAt).toHaveLength(1);
    clock.advance(3_600_000);
    answer(200, "{}");
    await ask();
    expect(sentAt).toHaveLength(2);
  });

  it("fails with the code of what was wrong, and no key in its words", async () => {
    const { answer, ask, journal } = clientUnderTest("polygon");
    answer(200, "<html>busy</html>", { "content-type": "text/html" });
    answer(200, '{"cut":');
    const codes: unknown[] = [];
    for (let calls = 0; calls < 2; calls += 1) {
      const error = await ask().catch((caught: unknown) => caught);
      codes.push(isProviderError(error) ? error.code : error);
      expect(JSON.stringify([error, String(error)])).not.toContain("canary-key");
    }
    expect(codes).toEqual(["provider.content-type", "provider.unreadable"]);
    expect(JSON.stringify(journal)).not.toContain("canary-key");
    expect(journal.calls.every(({ success }) => !success)).toBe(true);
  });

  it("follows no redirect from an encrypted connection to an open one, where anybody could answer", async () => {
    const { answer, ask } = clientUnderTest("finra_short");
    answer(302, "", { location: "http://provider.example/data" }, -1);
    await expect(ask()).rejects.toMatchObject({
      code: "provider.redirect",
      message: expect.stringContaining("encrypted"),
    });
  });

  it("ends when its caller gives up, without being sent", async () => {
    const { ask, sentAt } = clientUnderTest("polygon");
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ code: "provider.aborted" });
    expect(sentAt).toEqual([]);
  });
});

describe("the budget of a provider", () => {
  it("is shared: two jobs hammering FINRA stay within 60 a minute (R-ING-01, R-ING-13)", async () => {
    const { answer, ask, sentAt, journal } = clientUnderTest("finra_short");
    answer(200, "{}", {}, -1);
    const job = async () => {
      for (let calls = 0; calls < 100; calls += 1) await ask();
    };
    await Promise.all([job(), job()]);
    expect(sentAt).toHaveLength(200);
    expect(journal.calls).toHaveLength(200);
    for (const [index, at] of sentAt.entries()) {
      const earlier = sentAt[index - 60];
      if (earlier !== undefined) expect(at - earlier).toBeGreaterThanOrEqual(60_000);
    }
  });

  it("lets ten calls to Yahoo go at once, the 11th after 200 ms (R-ING-05, TV-LI-02)", async () => {
    const { answer, ask, sentAt } = clientUnderTest("yahoo");
    answer(200, "{}", {}, -1);
    await Promise.all(Array.from({ length: 11 }, () => ask()));
    expect(sentAt).toEqual([...new Array<number>(10).fill(0), 200]);
  });

  it("of Alpha Vantage ends with 25 calls in 24 hours, counted across restarts", async () => {
    const { answer, ask, client, clock, sentAt } = clientUnderTest("alpha_vantage");
    answer(200, "{}", {}, -1);
    const hourAgo = clock.nowMs() - 3_600_000;
    client.budget.restore(Array.from({ length: 20 }, (_, index) => hourAgo + index));
    for (let calls = 0; calls < 5; calls += 1) await ask();
    await expect(ask()).rejects.toMatchObject({
      code: "provider.budget-spent",
      facts: { provider: "alpha_vantage", retryAfterMs: 23 * 3_600_000 },
    });
    expect(sentAt).toHaveLength(5);
  });
});

describe("the breaker of a provider", () => {
  it("lets nothing through for 300 s after three times 500 from FINRA (R-ING-01)", async () => {
    const { answer, ask, clock, journal, sentAt } = clientUnderTest("finra_short");
    answer(500, "{}", {}, 3);
    await expect(ask()).rejects.toMatchObject({ code: "provider.unavailable" });
    const openedAt = clock.elapsedMs();
    for (let calls = 0; calls < 20; calls += 1) {
      await expect(ask()).rejects.toMatchObject({ code: "provider.circuit-open" });
    }
    expect(sentAt).toHaveLength(3);
    clock.advance(300_000);
    answer(200, "{}", {}, 2);
    await ask();
    await ask();
    expect(sentAt[3]).toBeGreaterThanOrEqual(openedAt + 300_000);
    expect(journal.breakerChanges.map(({ change, provider }) => [provider, change])).toEqual([
      ["finra_short", "OPENED"],
      ["finra_short", "HALF_OPENED"],
      ["finra_short", "CLOSED"],
    ]);
    expect(journal.calls.map(({ circuitBreakerOpen }) => circuitBreakerOpen)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it("is not moved by aside questions, which have one of their own", async () => {
    const { answer, ask, journal, sentAt } = clientUnderTest("finra_short");
    const aside = () => ask(undefined, true);
    answer(500, "{}", {}, 3);
    await expect(aside()).rejects.toMatchObject({ code: "provider.unavailable" });
    await expect(aside()).rejects.toMatchObject({ code: "provider.circuit-open" });
    expect(sentAt).toHaveLength(3);
    expect(journal.calls.map(({ circuitBreakerOpen }) => circuitBreakerOpen)).not.toContain(true);
    answer(200, '{"value":7}');
    expect(await ask()).toMatchObject({ answer: { value: 7 } });
    expect(journal.breakerChanges).toEqual([]);
  });

  it("keeps aside questions back, too, until it is closed: they are never on trial for the provider", async () => {
    const { answer, ask, sentAt, clock, journal } = clientUnderTest("finra_short");
    const aside = () => ask(undefined, true);
    answer(500, "{}", {}, 3);
    await expect(ask()).rejects.toMatchObject({ code: "provider.unavailable" });
    await expect(aside()).rejects.toMatchObject({ code: "provider.circuit-open" });
    clock.advance(300_000);
    await expect(aside()).rejects.toMatchObject({ code: "provider.circuit-open" });
    expect(sentAt).toHaveLength(3);
    // Half-open after the first of two successes.
    answer(200, "{}");
    await ask();
    await expect(aside()).rejects.toMatchObject({ code: "provider.circuit-open" });
    answer(200, "{}", {}, 2);
    await ask();
    await aside();
    expect(journal.breakerChanges.map(({ change }) => change)).toEqual([
      ...["OPENED", "HALF_OPENED", "CLOSED"],
    ]);
  });

  it.each([
    ["the global switch", { CIRCUIT_BREAKER_GLOBAL_ENABLED: "false" }, false],
    [
      "a development system",
      { NODE_ENV: "development", DEV_CIRCUIT_BREAKER_DISABLED: "true" },
      false,
    ],
    ["nothing", { NODE_ENV: "development" }, true],
  ] as const)(
    "is switched off by %s (R-ING-15, R-ENV-24, R-ENV-30)",
    async (_by, environment, isOn) => {
      const { answer, ask, sentAt, journal } = clientUnderTest("alpha_vantage", environment);
      answer(500, "{}", {}, -1);
      for (let calls = 0; calls < 3; calls += 1) await ask().catch(isProviderError);
      expect(sentAt.length).toBe(isOn ? 2 : 9);
      expect(journal.breakerChanges).toHaveLength(isOn ? 1 : 0);
    },
  );
});
