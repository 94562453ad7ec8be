import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "./avro-writer.ts";
import { decodeEvent, encodeEvent } from "./codec.ts";
import type { News, PriceTick, Run } from "./generated/events.ts";
import { arbitraryEvent } from "./testing/arbitrary-event.ts";
import { type EventOf, TOPIC_NAMES, type TopicName } from "./topics.ts";

/** What must never enter the log (reliability.md B4, B5). */

function sample<T extends TopicName>(topic: T): EventOf<T> {
  const [event] = fc.sample(arbitraryEvent(topic), { numRuns: 1, seed: 5 });
  if (event === undefined) throw new Error("a sample was asked for");
  return event;
}

function refusal<T extends TopicName>(topic: T, event: EventOf<T>): string {
  try {
    encodeEvent(topic, event);
    return "encoded";
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return `${error.code} ${error.field}`;
  }
}

describe("encoding refuses", () => {
  it.each([
    ["NaN", Number.NaN, "event.not-finite close"],
    ["infinity", Number.POSITIVE_INFINITY, "event.not-finite close"],
    ["minus infinity", Number.NEGATIVE_INFINITY, "event.not-finite close"],
    ["minus zero", -0, "event.negative-zero close"],
  ])("%s in a double and names the field", (_, close, expected) => {
    const tick: PriceTick = { ...sample("market.price-tick.v1"), close };
    expect(refusal("market.price-tick.v1", tick)).toBe(expected);
  });

  it("a bad number deep inside, with the path to it", () => {
    const [detection] = fc.sample(arbitraryEvent("signals.detection.v1"), { numRuns: 1, seed: 1 });
    if (detection === undefined) throw new Error("a sample was asked for");
    const components = [{ name: "rsi", value: null, weight: Number.NaN, reason: null }];
    expect(refusal("signals.detection.v1", { ...detection, components })).toBe(
      "event.not-finite components.weight",
    );
  });

  it.each([1.5, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY])(
    "%d as a long",
    (happenedAt) => {
      const news: News = { ...sample("market.news.v1"), happenedAt };
      expect(refusal("market.news.v1", news)).toBe("event.type happenedAt");
    },
  );

  it("an int beyond 32 bits", () => {
    const run: Run = { ...sample("discovery.run.v1"), universe: 2 ** 31 };
    expect(refusal("discovery.run.v1", run)).toBe("event.type universe");
  });

  it.each(["\ud800", "a\udc00b", `${"x".repeat(70)}\ud83d`])("lone surrogates", (headline) => {
    const news: News = { ...sample("market.news.v1"), headline };
    expect(refusal("market.news.v1", news)).toBe("event.text headline");
  });

  it("more items than the array may hold", () => {
    const run = sample("discovery.run.v1");
    const candidate = {
      rank: 1,
      symbol: "GME",
      verdictId: "v",
      score: 0.7,
      confidence: 0.5,
      label: "WATCHLIST",
      price: null,
    } as const;
    const full: Run = { ...run, candidates: Array(100).fill(candidate) };
    expect(refusal("discovery.run.v1", full)).toBe("encoded");
    const over: Run = { ...run, candidates: Array(101).fill(candidate) };
    expect(refusal("discovery.run.v1", over)).toBe("event.too-many-items candidates");
  });

  it("a message over 256 KB, and takes one just below", () => {
    const news = sample("market.news.v1");
    const empty = encodeEvent("market.news.v1", { ...news, headline: "", url: null }).length;
    // The length of a text of this size takes two bytes more than that of an empty one.
    const room = 256 * 1024 - empty - 2;
    const fits: News = { ...news, headline: "x".repeat(room), url: null };
    expect(encodeEvent("market.news.v1", fits)).toHaveLength(256 * 1024);
    expect(decodeEvent("market.news.v1", encodeEvent("market.news.v1", fits)).ok).toBe(true);
    const over: News = { ...fits, headline: "x".repeat(room + 1) };
    expect(refusal("market.news.v1", over)).toMatch(/^event\.too-large/);
  });

  it.each(TOPIC_NAMES)("an event of %s with a field missing", (topic) => {
    const event = sample(topic);
    for (const name of Object.keys(event)) {
      const rest = Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
      expect(() => encodeEvent(topic, JSON.parse(JSON.stringify(rest)))).toThrow(EncodeError);
    }
  });
});

describe("after a refusal", () => {
  it("the next event is encoded as if nothing had happened", () => {
    const tick = sample("market.price-tick.v1");
    const before = encodeEvent("market.price-tick.v1", tick);
    expect(refusal("market.price-tick.v1", { ...tick, high: Number.NaN })).not.toBe("encoded");
    expect(encodeEvent("market.price-tick.v1", tick)).toEqual(before);
  });
});
