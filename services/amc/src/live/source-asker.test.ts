import { ProviderError, type ProviderErrorCode } from "@amc/platform/http/provider-error";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { shortInterestFact } from "@amc/streams/testing/symbol-facts";
import { describe, expect, it } from "vitest";
import type { FactQuestion } from "../operations/ingest-facts.ts";
import { KnownBars } from "./known-bars.ts";
import { type LiveAnswer, type LiveQuestion, SourceAsker } from "./source-asker.ts";

const LAYOUT = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));

/** Questions that fail as told, and what was asked and told. */
function asked() {
  const failing = new Map<string, ProviderErrorCode>();
  const heard: string[] = [];
  const told: string[] = [];
  const teller = {
    unreachable: (provider: string, code: string) => told.push(`${provider} ${code}`),
    answersAgain: (provider: string) => told.push(`${provider} answers`),
    unknown: (_provider: string, about: string) => told.push(`unknown ${about}`),
  };
  const log = createMemoryLog(LAYOUT, () => 0);
  const asker = new SourceAsker({ log, known: new KnownBars(), teller }, "yahoo", "/amc/test");
  const questions = ["A", "B", "C"].map(
    (about): FactQuestion => ({
      about,
      ask: async () => {
        heard.push(about);
        const code = failing.get(about);
        if (code !== undefined) throw new ProviderError(code, "no");
        return { facts: [], refused: [] };
      },
    }),
  );
  const stop = new AbortController();
  const sweep = () => asker.sweep(questions, stop.signal);
  return { failing, heard, told, sweep, stop };
}

describe("a sweep over questions", () => {
  it("goes on after one that failed, and tells of the provider once until it answers again", async () => {
    const { failing, heard, told, sweep } = asked();
    failing.set("B", "provider.timeout");
    expect(await sweep()).toMatchObject({ asked: 3, failed: 1 });
    failing.set("A", "provider.timeout").set("C", "provider.timeout");
    await sweep();
    await sweep();
    failing.clear();
    await sweep();
    expect(heard.join("")).toBe("ABCABCABCABC");
    // Between the two failures of B and A the provider answered C.
    expect(told).toEqual([
      "yahoo provider.timeout",
      "yahoo answers",
      "yahoo provider.timeout",
      "yahoo answers",
    ]);
  });

  it("keeps what stands in for an answer, and tells of the provider as of one that gave nothing", async () => {
    const told: string[] = [];
    const teller = {
      unreachable: (provider: string, code: string) => told.push(`${provider} ${code}`),
      answersAgain: (provider: string) => told.push(`${provider} answers`),
      unknown: () => undefined,
    };
    const log = createMemoryLog(LAYOUT, () => 0);
    const asker = new SourceAsker({ log, known: new KnownBars(), teller }, "yahoo", "/amc/test");
    const fact = shortInterestFact(Date.UTC(2021, 0, 12, 23), {
      ...{ source: "cache", confidence: 0.7 },
    });
    const before: LiveAnswer = {
      ...{ facts: [fact], refused: [], failure: new ProviderError("provider.timeout", "no") },
    };
    const answers: LiveAnswer[] = [before, { facts: [], refused: [] }];
    const ask = async (): Promise<LiveAnswer> => answers.shift() ?? before;
    const { signal } = new AbortController();
    expect(await asker.sweep([{ about: "A", ask }], signal)).toMatchObject({ failed: 1 });
    expect(await asker.sweep([{ about: "A", ask }], signal)).toMatchObject({ failed: 0 });
    expect(told).toEqual(["yahoo provider.timeout", "yahoo answers"]);
    expect(await eventsOf(log, "short.interest.v1")).toMatchObject([
      { source: "cache", confidence: 0.7 },
    ]);
  });

  it("is broken off when nothing is sent any more, and begins there the next time", async () => {
    const { failing, heard, sweep } = asked();
    failing.set("B", "provider.budget-spent");
    expect(await sweep()).toMatchObject({ asked: 2, failed: 1 });
    failing.clear();
    await sweep();
    await sweep();
    expect(heard.join("")).toBe("ABBCAABC");
  });

  it("goes on with what is known of the others when nothing is sent any more, and sends nothing for it", async () => {
    const teller = { unreachable: () => 0, answersAgain: () => 0, unknown: () => 0 };
    const log = createMemoryLog(LAYOUT, () => 0);
    const asker = new SourceAsker({ log, known: new KnownBars(), teller }, "yahoo", "/amc/test");
    const sent: string[] = [];
    const cached = (symbol: string, failure: ProviderError): LiveAnswer => {
      const fact = shortInterestFact(Date.UTC(2021, 0, 12, 23), { source: "cache" });
      const own = { ...fact, id: symbol, value: { ...fact.value, symbol } };
      return { facts: [own], refused: [], failure };
    };
    const questions = Array.from({ length: 10 }, (_, index): LiveQuestion => {
      const about = String.fromCharCode(65 + index);
      const ask = async () => {
        sent.push(about);
        const code = sent.length > 2 ? "provider.circuit-open" : "provider.unavailable";
        return cached(about, new ProviderError(code, "no"));
      };
      return { about, ask, standIn: async (failure) => cached(about, failure) };
    });
    const sweep = () => asker.sweep(questions, new AbortController().signal);
    expect(await sweep()).toEqual({ asked: 10, facts: 10, refused: 0, failed: 10 });
    expect(sent.join("")).toBe("ABC");
    const told = await eventsOf(log, "short.interest.v1");
    expect(told.map(({ symbol }) => symbol).join("")).toBe("ABCDEFGHIJ");
    await sweep();
    // The first that was not sent is the first of the next sweep.
    expect(sent.join("")).toBe("ABCC");
  });

  it("leaves a rest when it is broken off for a while, of what was not answered and nothing else", async () => {
    const teller = { unreachable: () => 0, answersAgain: () => 0, unknown: () => 0 };
    const log = createMemoryLog(LAYOUT, () => 0);
    const asker = new SourceAsker({ log, known: new KnownBars(), teller }, "yahoo", "/amc/test");
    const sent: string[] = [];
    const stoodIn: string[] = [];
    const failing = new Map<string, ProviderError>([
      ["B", new ProviderError("provider.timeout", "no")],
      ["C", new ProviderError("provider.circuit-open", "no", { retryAfterMs: 300_000 })],
    ]);
    const questions = ["A", "B", "C", "D"].map((about): LiveQuestion => {
      const ask = async () => {
        sent.push(about);
        return { facts: [], refused: [], failure: failing.get(about) ?? null };
      };
      const standIn = async (failure: ProviderError) => {
        stoodIn.push(about);
        return { facts: [], refused: [], failure };
      };
      return { about, ask, standIn };
    });
    const { signal } = new AbortController();
    await asker.sweep(questions, signal);
    const { rest } = asker;
    expect(rest?.afterMs).toBe(300_000);
    expect([...(rest?.about ?? [])]).toEqual(["B", "C", "D"]);
    failing.delete("B");
    if (rest !== null) await asker.goOn(questions, rest, signal);
    failing.clear();
    if (asker.rest !== null) await asker.goOn(questions, asker.rest, signal);
    expect(asker.rest).toBeNull();
    expect(sent.join("")).toBe("ABCBCCD");
    // Once: what is known of it is in the log by then.
    expect(stoodIn.join("")).toBe("D");
  });

  it("asks no more about what the provider does not know, and nothing once it is to end", async () => {
    const { failing, heard, told, sweep, stop } = asked();
    failing.set("A", "provider.not-found");
    await sweep();
    await sweep();
    expect(heard.join("")).toBe("ABCBC");
    expect(told).toEqual(["unknown A"]);
    stop.abort();
    expect(await sweep()).toMatchObject({ asked: 0 });
  });

  it("passes a defect of ours on instead of calling the provider unreachable", async () => {
    const { sweep, failing, told } = asked();
    failing.get = () => {
      throw new TypeError("a defect");
    };
    await expect(sweep()).rejects.toThrow("a defect");
    expect(told).toEqual([]);
  });
});
