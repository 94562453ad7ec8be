import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { barFact, quoteFact } from "@amc/streams/facts/price-tick";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { describe, expect, it, vi } from "vitest";
import { KnownBars } from "./known-bars.ts";

const LAYOUT = TOPIC_NAMES.map((topic) => ({ topic, partitions: 2 }));
const TEN = Date.UTC(2025, 8, 5, 14);

function minute(number: number, close = 10, symbol = "XYZ"): Fact {
  const happenedAt = TEN + number * MINUTE_MS;
  const figures = {
    ...{ symbol, happenedAt, publishedAt: happenedAt, intervalMs: MINUTE_MS },
    ...{ open: 10, high: 20, low: 5, close, volume: 1, vwap: null, tradeCount: null },
    volumeScope: "CONSOLIDATED",
  } as const;
  const captured = { at: happenedAt, latencyMs: null };
  return barFact(figures, { source: "yahoo", confidence: 0.85, simulated: true, captured });
}

function quote(number: number): Fact {
  const happenedAt = TEN + number;
  const sides = { bid: 10, ask: 10.5, sequence: happenedAt, volumeScope: "CONSOLIDATED" } as const;
  const times = { symbol: "XYZ", happenedAt, publishedAt: happenedAt };
  const stated = { source: "polygon", confidence: 0.98, simulated: true };
  return quoteFact({ ...times, ...sides }, stated);
}

describe("the bars that are known", () => {
  it("are told once, also when the vendor has corrected them since", async () => {
    const known = new KnownBars();
    known.note([minute(0), minute(1)], true);
    expect(await known.fresh([minute(1, 11), minute(2), minute(0, 10, "ABC")])).toEqual([
      minute(2),
      minute(0, 10, "ABC"),
    ]);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN + MINUTE_MS);
    expect(known.newestBar("ABC", MINUTE_MS)).toBeNull();
  });

  it("have a gap where one was refused, which is asked for again and filled", async () => {
    const known = new KnownBars();
    known.note([minute(0)], true);
    // Minute 1 was refused.
    known.note([minute(2)], false);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN);
    expect(await known.fresh([minute(1), minute(2)])).toEqual([minute(1)]);
    known.note([minute(1)], true);
    known.note([minute(3)], true);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN + 3 * MINUTE_MS);
  });

  it("stay known however many there are, and in a log across a restart", async () => {
    const known = new KnownBars();
    const many = Array.from({ length: 6_000 }, (_, number) => minute(number));
    known.note(many, true);
    expect(await known.fresh(many)).toEqual([]);
    const nowMs = TEN + 10 * MINUTE_MS;
    const log = createMemoryLog(LAYOUT, () => nowMs);
    await appendFacts(log, [minute(0), minute(1)], "/amc/test");
    const restarted = await KnownBars.of(log, nowMs, true);
    expect(restarted.newestBar("XYZ", MINUTE_MS)).toBe(TEN + MINUTE_MS);
    expect(await restarted.fresh([minute(1), minute(2)])).toEqual([minute(2)]);
    // What is made up is nothing that a real provider has told.
    expect((await KnownBars.of(log, nowMs, false)).newestBar("XYZ", MINUTE_MS)).toBeNull();
  });

  it("of before the look back are found in the log by the first answer that tells them, once for all", async () => {
    const told = [minute(0), minute(0, 10, "ABC")];
    let nowMs = TEN + 5 * MINUTE_MS;
    const log = createMemoryLog(LAYOUT, () => nowMs);
    await appendFacts(log, told, "/amc/test");
    nowMs = TEN + 200 * DAY_MS;
    const read = vi.spyOn(log, "read");
    const known = await KnownBars.of(log, nowMs, true);
    expect(await known.fresh([...told, minute(1)])).toEqual([minute(1)]);
    const reads = read.mock.calls.length;
    expect(await known.fresh(told)).toEqual([]);
    expect(await known.fresh([minute(-1, 10, "XYZ")])).toEqual([minute(-1, 10, "XYZ")]);
    expect(read).toHaveBeenCalledTimes(reads);
    expect(reads).toBeGreaterThan(0);
  });

  it("of quotes are the newest: what a snapshot tells again, and nothing of before that", async () => {
    const known = new KnownBars();
    const quotes = Array.from({ length: 100 }, (_, number) => quote(number));
    known.note(quotes, true);
    expect(await known.fresh(quotes)).toEqual([]);
    expect(await known.fresh([quote(100)])).toEqual([quote(100)]);
  });
});
