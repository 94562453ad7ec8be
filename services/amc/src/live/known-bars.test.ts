import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { barFact } from "@amc/streams/facts/price-tick";
import type { Fact } from "@amc/streams/kernel/fact";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { describe, expect, it } from "vitest";
import { KnownBars } from "./known-bars.ts";

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

describe("the bars that are known", () => {
  it("are told once, also when the vendor has corrected them since", () => {
    const known = new KnownBars();
    known.note([minute(0), minute(1)], true);
    expect(known.fresh([minute(1, 11), minute(2), minute(0, 10, "ABC")])).toEqual([
      minute(2),
      minute(0, 10, "ABC"),
    ]);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN + MINUTE_MS);
    expect(known.newestBar("ABC", MINUTE_MS)).toBeNull();
  });

  it("have a gap where one was refused, which is asked for again and filled", () => {
    const known = new KnownBars();
    known.note([minute(0)], true);
    // Minute 1 was refused.
    known.note([minute(2)], false);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN);
    expect(known.fresh([minute(1), minute(2)])).toEqual([minute(1)]);
    known.note([minute(1)], true);
    known.note([minute(3)], true);
    expect(known.newestBar("XYZ", MINUTE_MS)).toBe(TEN + 3 * MINUTE_MS);
  });

  it("stay known however many there are, and in a log across a restart", async () => {
    const known = new KnownBars();
    const many = Array.from({ length: 6_000 }, (_, number) => minute(number));
    known.note(many, true);
    expect(known.fresh(many)).toEqual([]);
    const nowMs = TEN + 10 * MINUTE_MS;
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 2 }));
    const log = createMemoryLog(layout, () => nowMs);
    await appendFacts(log, [minute(0), minute(1)], "/amc/test");
    const restarted = await KnownBars.of(log, nowMs, true);
    expect(restarted.newestBar("XYZ", MINUTE_MS)).toBe(TEN + MINUTE_MS);
    expect(restarted.fresh([minute(1), minute(2)])).toEqual([minute(2)]);
    // What is made up is nothing that a real provider has told.
    expect((await KnownBars.of(log, nowMs, false)).newestBar("XYZ", MINUTE_MS)).toBeNull();
  });
});
