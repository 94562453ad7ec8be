import { ProviderError, type ProviderErrorCode } from "@amc/platform/http/provider-error";
import { PolledProvider } from "@amc/platform/http/testing/polled-provider";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { runsTold } from "@amc/platform/jobs/testing/runs-told";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { candidate } from "@amc/streams/testing/projected-events";
import { optionsFact } from "@amc/streams/testing/symbol-facts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlphaVantage } from "../providers/alpha-vantage/alpha-vantage.ts";
import { CHAIN, chainAnswer, DATE } from "../testing/alpha-vantage-answers.ts";
import { optionsJobs, type SecondSource } from "./options-jobs.ts";

// A Saturday: the last day that is over is Friday's.
const AT = newYorkToUtc("2025-09-06", "19:00");
const SLOT = newYorkToUtc(DATE, "15:45");
const JOB = "alpha_vantage_options_daily";
const DAY_MS = 86_400_000;
const letterOf = (digit: string) => "ABCDEFGHIJ".charAt(Number(digit));

describe("alpha_vantage_options_daily (R-JOB-12)", () => {
  let polled: PolledProvider;
  beforeEach(async () => {
    polled = await PolledProvider.start("alpha_vantage", { startMs: AT, limits: {} });
  });
  afterEach(() => polled.close());

  /** Candidates of one slot; the first is the best. */
  async function candidates(...symbols: readonly string[]): Promise<void> {
    for (const [index, symbol] of symbols.entries()) {
      const event = candidate({ symbol, slot: SLOT, happenedAt: SLOT, score: 1 - index / 1_000 });
      const headers = eventHeaders({
        ...{ id: event.id, source: "/test", topic: "discovery.candidate.v1", happenedAt: SLOT },
      } as const);
      const value = encodeEvent("discovery.candidate.v1", event.value);
      await polled.under.log.commit({
        appends: [{ topic: "discovery.candidate.v1", key: event.key, value, headers }],
      });
    }
  }

  async function run(
    atMs = AT,
    apiKey: string | null = "a-key",
    second: SecondSource | null = null,
  ): Promise<readonly string[]> {
    const { log, client, clock } = polled.under;
    const asked: string[] = [];
    const baseUrl = `${polled.server.origin}/query`;
    const provider = apiKey === null ? null : new AlphaVantage({ client, baseUrl, apiKey });
    await log.commit({ appends: [jobTick(JOB, atMs)] });
    const onCollected = ({
      symbol,
      facts,
      codes,
    }: {
      symbol: string;
      facts: number;
      codes: readonly string[];
    }) => asked.push([symbol, facts, ...codes].join(" "));
    const worker = await JobWorker.open({
      ...{ log, group: "jobs.short-interest", source: "/test", concurrency: 2 },
      handlers: optionsJobs({ log, provider, second, onCollected }),
      clock: withoutDeadlines(clock),
      onEnded: () => undefined,
      onRefused: () => undefined,
    });
    await worker.workOff(new AbortController().signal);
    return asked;
  }

  /** The chain of whatever symbol is asked for is XYZ's. */
  const chain = chainAnswer(CHAIN);

  it("asks for candidates, the best first, at most five a minute, and writes what comes", async () => {
    await candidates("XYZ", "ABC");
    polled.answers({ json: chain });
    const asked = await run();
    expect(asked.map((line) => line.split(" ")[0])).toEqual(["XYZ", "ABC"]);
    const facts = await eventsOf(polled.under.log, "market.options.v1");
    expect(facts).toMatchObject([{ symbol: "XYZ", happenedAt: newYorkToUtc(DATE, "16:00") }]);
    expect(await runsTold(polled.under.log)).toMatchObject([
      { state: "STARTED" },
      { state: "SUCCEEDED", processed: 2, successful: 1, failed: 1 },
    ]);
  });

  it("does not ask again for what the log has, in another run or attempt", async () => {
    await candidates("XYZ");
    polled.answers({ json: chain });
    await run();
    const before = polled.requests.length;
    expect(await run(AT + DAY_MS)).toEqual([]);
    expect(polled.requests).toHaveLength(before);
  });

  it("spends no more than the day's calls, waits between those of a minute, and is done then", async () => {
    const symbols = Array.from(
      { length: 40 },
      (_, index) => `S${String.fromCharCode(65 + (index % 26))}${index < 26 ? "" : "X"}`,
    );
    await candidates(...symbols);
    // No data: an answer, and no fact.
    polled.answers({ json: chainAnswer([]) });
    const startMs = polled.under.clock.nowMs();
    expect((await run()).map((line) => line.split(" ")[0])).toEqual(symbols.slice(0, 25));
    expect(polled.requests).toHaveLength(25);
    expect(polled.under.clock.nowMs() - startMs).toBeGreaterThanOrEqual(4 * 60_000);
    const sent = (await eventsOf(polled.under.log, "ops.provider-call.v1")).map(
      (call) => call.happenedAt,
    );
    const inMinute = sent.map(
      (at) => sent.filter((other) => other >= at && other < at + 60_000).length,
    );
    expect(Math.max(...inMinute)).toBeLessThanOrEqual(5);
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      state: "SUCCEEDED",
      processed: 25,
    });
  });

  /** Its snapshots, as the chain of the first has them. */
  function secondSource(only: (symbol: string) => boolean = () => true, tradedAt = "16:00:00") {
    const questions: string[] = [];
    const second: SecondSource = {
      ...{ source: "yahoo", simulated: true },
      options: async (symbol) => {
        questions.push(symbol);
        if (!only(symbol)) return { facts: [], refused: [] };
        const at = polled.under.clock.nowMs();
        const times = { happenedAt: newYorkToUtc(DATE, tradedAt), capturedAt: at };
        const value = { ...optionsFact(at, { source: "yahoo", ...times }).value, symbol };
        return { facts: [{ topic: "market.options.v1", id: uuidOf(symbol), value }], refused: [] };
      },
    };
    return { second, questions };
  }

  it("asks Yahoo without a key, the best first, and not again for what the log has (R-ING-07)", async () => {
    await candidates("XYZ", "ABC", "NONE");
    const { second, questions } = secondSource((symbol) => symbol !== "NONE");
    await run(AT, null, second);
    expect(questions).toEqual(["XYZ", "ABC", "NONE"]);
    expect(polled.requests).toHaveLength(0);
    expect(await eventsOf(polled.under.log, "market.options.v1")).toMatchObject([
      { symbol: "XYZ", source: "yahoo" },
      { symbol: "ABC", source: "yahoo" },
    ]);
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      ...{ state: "SUCCEEDED", processed: 3, successful: 2, failed: 1 },
    });
    await run(AT + DAY_MS, null, second);
    expect(questions.slice(3)).toEqual(["NONE"]);
  });

  it("does not ask Yahoo again about a share that last traded before the close (R-ING-07)", async () => {
    await candidates("XYZ", "ABC");
    const { second, questions } = secondSource(undefined, "15:59:30");
    // Quotes are a quarter of an hour old when they come: these are still of the session.
    const times = {
      happenedAt: newYorkToUtc(DATE, "15:46"),
      capturedAt: newYorkToUtc(DATE, "16:01"),
    };
    const early = optionsFact(times.capturedAt, { source: "yahoo", ...times });
    const value = { ...early.value, symbol: "ABC" };
    await appendNewFacts(polled.under.log, [{ ...early, value }], "/test");
    await run(AT, null, second);
    expect(questions).toEqual(["XYZ", "ABC"]);
    await run(AT + DAY_MS, null, second);
    expect(questions).toHaveLength(2);
  });

  it("asks Yahoo only for what Alpha Vantage gave nothing of, or had no calls left for", async () => {
    const symbols = Array.from({ length: 30 }, (_, index) =>
      `S${index + 100}`.replace(/\d/g, letterOf),
    );
    await candidates("XYZ", ...symbols);
    polled.answers((path) => (path.includes("symbol=XYZ") ? chain : chainAnswer([])));
    const { second, questions } = secondSource();
    await run(AT, "a-key", second);
    expect(polled.requests).toHaveLength(25);
    expect(questions).toEqual(symbols);
  });

  it("has failed where the key is refused, though Yahoo gave what it was asked for", async () => {
    await candidates("XYZ", "ABC");
    polled.answers({ status: 401 });
    const { second, questions } = secondSource();
    await run(AT, "a-key", second);
    // Of the three attempts the first had it all.
    expect(questions).toEqual(["XYZ", "ABC"]);
    expect(await eventsOf(polled.under.log, "market.options.v1")).toHaveLength(2);
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      ...{ state: "FAILED", errorCode: "provider.refused" },
    });
  });

  const UNREADABLE = "no object";

  it("has failed, with the first reason, where none of its questions was answered", async () => {
    await candidates("XYZ");
    polled.answers({ json: UNREADABLE });
    expect(await run()).toEqual(Array(3).fill("XYZ 0 provider.unreadable"));
    const told = (await runsTold(polled.under.log)).filter(({ state }) => state !== "STARTED");
    expect(told).toMatchObject(
      [1, 2, 3].map((attempt) => ({
        ...{ attempt, state: "FAILED", errorCode: "provider.unreadable" },
      })),
    );
  });

  it("has not failed where one of them was: the others are counted", async () => {
    await candidates("XYZ", "ABC");
    polled.answers((path) => (path.includes("symbol=XYZ") ? chain : UNREADABLE));
    expect(await run()).toHaveLength(2);
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      ...{ state: "SUCCEEDED", attempt: 1, processed: 2, successful: 1, failed: 1 },
    });
  });

  it("has not failed where what Alpha Vantage does not answer is Yahoo's to give", async () => {
    await candidates("XYZ");
    polled.answers({ json: UNREADABLE });
    const { second } = secondSource();
    expect(await run(AT, "a-key", second)).toHaveLength(2);
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      ...{ state: "SUCCEEDED", processed: 2, successful: 1, failed: 1 },
    });
  });

  it("has not failed where Alpha Vantage does not know what it is asked about", async () => {
    await candidates("XYZ");
    polled.answers({ json: { "Error Message": "Invalid API call" } });
    await run();
    expect((await runsTold(polled.under.log)).at(-1)).toMatchObject({
      ...{ state: "SUCCEEDED", processed: 1, successful: 0, failed: 1 },
    });
  });

  /** Attempt and end of the newest run. */
  async function endOfRun(): Promise<readonly unknown[]> {
    const told = (await runsTold(polled.under.log)).filter(({ state }) => state !== "STARTED");
    const last = told.at(-1);
    return [last?.attempt, last?.state, last?.errorCode ?? null];
  }

  /** Knows XYZ, and of the others what is unreadable, or at first nothing at all. */
  function halfReadable(first: ProviderErrorCode = "provider.unreadable"): SecondSource {
    const { second } = secondSource();
    const codes: ProviderErrorCode[] = [first];
    const options = async (symbol: string, signal: AbortSignal) => {
      if (symbol === "XYZ") return await second.options(symbol, signal);
      throw new ProviderError(codes.shift() ?? "provider.unreadable", "of the test");
    };
    return { ...second, options };
  }

  it("has not failed on Sunday where Saturday had answers, though the others still have none", async () => {
    await candidates("XYZ", "ABC");
    polled.answers((path) => (path.includes("symbol=XYZ") ? chain : UNREADABLE));
    await run();
    expect(await run(AT + DAY_MS)).toEqual(["ABC 0 provider.unreadable"]);
    expect(await endOfRun()).toEqual([1, "SUCCEEDED", null]);
  });

  it("has not failed on Sunday where Saturday's answers were Yahoo's", async () => {
    await candidates("XYZ", "ABC");
    const second = halfReadable();
    await run(AT, null, second);
    expect(await run(AT + DAY_MS, null, second)).toEqual(["ABC 0 provider.unreadable"]);
    expect(await endOfRun()).toEqual([1, "SUCCEEDED", null]);
  });

  it("has not failed where the attempt before had answers and was broken off", async () => {
    await candidates("XYZ", "ABC");
    const asked = await run(AT, null, halfReadable("provider.circuit-open"));
    expect(asked).toEqual(["XYZ 1", "ABC 0 provider.unreadable"]);
    expect(await endOfRun()).toEqual([2, "SUCCEEDED", null]);
  });

  it("has failed where nobody knows any of several, as at a wrong address", async () => {
    await candidates("XYZ", "ABC");
    polled.answers({ status: 404 });
    expect(await run()).toEqual(
      Array(3).fill(["XYZ 0 provider.not-found", "ABC 0 provider.not-found"]).flat(),
    );
    expect(await endOfRun()).toEqual([3, "FAILED", "provider.not-found"]);
  });

  it("has not failed where one of several is not known", async () => {
    await candidates("XYZ", "ABC");
    polled.answers((path) =>
      path.includes("symbol=XYZ") ? chain : { "Error Message": "Invalid API call" },
    );
    expect(await run()).toEqual([expect.stringMatching(/^XYZ 1/), "ABC 0 provider.bad-request"]);
    expect(await endOfRun()).toEqual([1, "SUCCEEDED", null]);
  });

  it("is skipped without a key and without Yahoo, and says so", async () => {
    await candidates("XYZ");
    expect(await run(AT, null)).toEqual([]);
    const [, ended] = await runsTold(polled.under.log);
    expect(ended).toMatchObject({ state: "SKIPPED", reason: "no-api-key" });
    expect(polled.requests).toHaveLength(0);
  });

  it("fails, and is tried again, where the key is refused", async () => {
    await candidates("XYZ", "ABC");
    polled.answers({ status: 401 });
    expect(await run()).toEqual([]);
    const told = await runsTold(polled.under.log);
    expect(told.filter(({ state }) => state === "FAILED")).toMatchObject([
      ...[1, 2, 3].map((attempt) => ({ attempt, errorCode: "provider.refused" })),
    ]);
    expect(polled.requests).toHaveLength(3);
  });
});
