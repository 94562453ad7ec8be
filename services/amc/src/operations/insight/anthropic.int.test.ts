import { FAILURE_KINDS } from "@amc/mock-providers/failure-kinds";
import type { MockAnswer } from "@amc/mock-providers/mock-answer";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { answeredWith, failed, mockAnthropic } from "@amc/mock-providers/providers/anthropic";
import type { ProviderLimits } from "@amc/platform/http/provider-limits";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { questionBody } from "@amc/streams/insight/question";
import type { Aggregates } from "@amc/streams/insight/tally";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askForInsight, messagesRequest } from "./anthropic.ts";

const MODEL = "claude-sonnet-4-6";
const KEY = "canary-of-a-key";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NO_BREAKER = { failures: 1_000_000, openMs: 1, successes: 1 };
/** What a provider says in an error, or a model in an answer that is not used. */
const WORDS = "canary-of-words";

const AGGREGATES: Aggregates = {
  ...{ from: "2025-08-09", through: "2025-09-05", simulated: false },
  figures: {
    "runs.all": 20,
    "evaluations.all": 1000,
    "gate.vwap_reclaim.failed-or-unknown": 800,
    "gate.rsi_band.failed-or-unknown": 40,
  },
};

describe("a question to Anthropic", () => {
  let mock: MockServer;
  let under: ProviderUnderTest;
  /** In place of the mock's own answer. */
  let answer: MockAnswer | null;

  beforeEach(async () => {
    answer = null;
    const usual = mockAnthropic();
    mock = await startMockServer(
      { ...usual, answer: (request) => answer ?? usual.answer(request) },
      () => under.clock.elapsedMs(),
    );
    under = providerUnderTest("anthropic", mock.origin);
  });
  afterEach(async () => {
    await under.close();
    await mock.close();
  });

  async function limited(limits: Partial<ProviderLimits>): Promise<void> {
    await under.close();
    under = providerUnderTest("anthropic", mock.origin, { limits });
  }

  const ask = () => {
    const request = messagesRequest(mock.origin, KEY, questionBody(MODEL, AGGREGATES));
    return askForInsight(under.client, request, AGGREGATES);
  };
  const failure = () => ask().then(() => null, asFailure);
  const calls = () => eventsOf(under.log, "ops.provider-call.v1");

  it("goes as the Messages API has it, and is answered with what may be used of it", async () => {
    expect(await ask()).toEqual({
      insight: {
        summary: "A mock read 4 figures of 20 runs.",
        suggestions: [
          expect.objectContaining({
            area: "gates",
            evidence: ["gate.vwap_reclaim.failed-or-unknown", "evaluations.all"],
          }),
          expect.objectContaining({
            evidence: ["gate.rsi_band.failed-or-unknown", "evaluations.all"],
          }),
        ],
      },
      ...{ model: MODEL, inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
    });
    expect(mock.asked()).toMatchObject([
      {
        method: "POST",
        body: questionBody(MODEL, AGGREGATES),
        headers: {
          "x-api-key": KEY,
          "anthropic-version": "2023-06-01",
          "content-type": "application/json",
        },
      },
    ]);
    expect(await calls()).toMatchObject([
      { provider: "anthropic", endpoint: "messages", success: true, statusCode: 200 },
    ]);
  });

  it.each(FAILURE_KINDS)(
    "that is answered by %s has a code for an answer, and opens the breaker (F28)",
    async (kind) => {
      const isEndless = kind === "never begun" || kind === "begun and never gone on";
      if (isEndless) await limited({ deadlineMs: 300 });
      mock.failWith(kind);
      const codes: (string | undefined)[] = [];
      for (let asked = 0; asked < 4; asked += 1) codes.push((await failure())?.code);
      expect(codes[0]).toMatch(/^provider\.(?!circuit-open)/);
      expect(codes.at(-1)).toBe("provider.circuit-open");
      // Three failures open it, however often one question was sent.
      expect(mock.requests()).toBe(3);
      expect((await calls()).map(({ success }) => success)).toEqual([false, false, false]);
      under.clock.advance(300_000);
      mock.failWith(null);
      expect((await ask()).insight.suggestions).toHaveLength(2);
    },
    30_000,
  );

  it("control: without a breaker the same failures are asked for again each time", async () => {
    await limited({ breaker: NO_BREAKER });
    mock.failWith("truncated");
    for (let asked = 0; asked < 4; asked += 1) await failure();
    expect(mock.requests()).toBe(4);
  });

  it.each<readonly [string, () => MockAnswer, object]>([
    [
      "a wrong key",
      () => failed(401, "authentication_error", WORDS),
      { code: "provider.refused", facts: { status: 401 } },
    ],
    [
      "a spent limit",
      () => failed(400, "invalid_request_error", WORDS),
      { code: "provider.bad-request", facts: { status: 400, reason: "invalid_request_error" } },
    ],
    [
      "an error of no known kind",
      () => failed(400, WORDS, WORDS),
      { code: "provider.bad-request", facts: { status: 400, reason: "unknown" } },
    ],
    ["an unpaid bill", () => failed(402, "billing_error", WORDS), { code: "provider.bad-request" }],
    [
      "a retired model",
      () => failed(404, "not_found_error", WORDS),
      { code: "provider.not-found" },
    ],
    [
      "a refusal",
      () => answeredWith(MODEL, WORDS, 0, "refusal"),
      { code: "provider.declined", facts: { reason: "refusal" } },
    ],
  ])(
    "that is answered by %s is sent once, and does not count against Anthropic",
    async (_, given, expected) => {
      answer = given();
      const error = await failure();
      expect(error).toMatchObject(expected);
      expect(`${error?.message} ${JSON.stringify(error?.facts)}`).not.toContain("canary");
      expect(mock.requests()).toBe(1);
      expect(await eventsOf(under.log, "ops.circuit-breaker.v1")).toEqual([]);
    },
  );

  it.each<readonly [string, () => MockAnswer]>([
    ["an answer that is cut", () => answeredWith(MODEL, `{"summary":"${WORDS}`, 0, "max_tokens")],
    ["a turn that goes on", () => answeredWith(MODEL, WORDS, 0, "pause_turn")],
    ["a sentence", () => answeredWith(MODEL, WORDS)],
    ["a model with a strange name", () => answeredWith(`${WORDS} \u001b[2J`, "{}")],
    ["no text", () => changed((message) => ({ ...message, content: [] }))],
    [
      "two texts",
      () =>
        changed((message) => ({
          ...message,
          content: Array(2).fill({ type: "text", text: WORDS }),
        })),
    ],
    [
      "tokens that cannot be",
      () => changed((message) => ({ ...message, usage: { input_tokens: -1, output_tokens: 1 } })),
    ],
    ["an error with status 200", () => ({ ...failed(200, "api_error", WORDS) })],
  ])("that is answered by %s has none of its words in the error", async (_, given) => {
    answer = given();
    const error = await failure();
    expect(error).toMatchObject({ code: "provider.unreadable" });
    expect(`${error?.message} ${JSON.stringify(error?.facts)}`).not.toContain("canary");
    expect(JSON.stringify(await calls())).not.toContain("canary");
  });

  it("is sent once, whatever comes of it: what did not come may be billed all the same", async () => {
    await limited({ deadlineMs: 300 });
    mock.failNext("never begun");
    expect(await failure()).toMatchObject({ code: "provider.timeout" });
    answer = failed(529, "overloaded_error", WORDS);
    expect(await failure()).toMatchObject({ code: "provider.unavailable" });
    await limited({});
    answer = { ...failed(429, "rate_limit_error", WORDS), headers: { "retry-after": "37" } };
    const facts = { status: 429, retryAfterMs: 37_000 };
    expect(await failure()).toMatchObject({ code: "provider.rate-limited", facts });
    expect(mock.requests()).toBe(3);
    expect(under.clock.waits).toEqual([]);
    expect((await calls()).map(({ rateLimited }) => rateLimited)).toEqual([true]);
  });

  it("goes nowhere else, and its key nowhere, when it is redirected", async () => {
    const other = await startMockServer(mockAnthropic());
    try {
      const location = `${other.origin}/v1/messages`;
      answer = { status: 307, type: null, body: "", headers: { location } };
      expect(await failure()).toMatchObject({ code: "provider.redirect" });
      expect([mock.requests(), other.requests()]).toEqual([1, 0]);
    } finally {
      await other.close();
    }
  });

  it("is sent 5 times a minute and 25 times in 24 hours, as the mock counts (R-PY-05)", async () => {
    await asMuchAsMayBe();
    expect(mock.mostWithin(MINUTE_MS)).toBe(5);
    expect(mock.requests()).toBe(25);
    expect(await failure()).toMatchObject({ code: "provider.budget-spent" });
    under.clock.advance(DAY_MS);
    await asMuchAsMayBe();
    expect(mock.requests()).toBe(50);
    expect(mock.mostWithin(DAY_MS)).toBe(25);
  });

  it("control: without a budget the same mock counts every question", async () => {
    await limited({ windows: [] });
    await asMuchAsMayBe();
    expect(mock.requests()).toBe(40);
    expect(mock.mostWithin(MINUTE_MS)).toBe(40);
  });

  async function asMuchAsMayBe(): Promise<void> {
    for (let asked = 0; asked < 40; asked += 1) {
      await failure();
      under.clock.advance(1_000);
    }
  }
});

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly facts: object;
}

function asFailure(error: unknown): Failure {
  const isOurs = error instanceof Error && "code" in error && "facts" in error;
  if (!isOurs || typeof error.facts !== "object" || error.facts === null) throw error;
  return { code: String(error.code), message: error.message, facts: error.facts };
}

/** A good message with something else in it. */
function changed(change: (message: Record<string, unknown>) => object): MockAnswer {
  const good = answeredWith(MODEL, "{}");
  return { ...good, body: JSON.stringify(change(JSON.parse(good.body))) };
}
