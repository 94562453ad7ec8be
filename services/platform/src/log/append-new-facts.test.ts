import { TOPIC_NAMES } from "@amc/schemas/topics";
import { barFact } from "@amc/streams/facts/price-tick";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { eventsOf } from "../http/testing/provider-under-test.ts";
import { appendNewFacts } from "./append-new-facts.ts";
import { createMemoryLog } from "./memory.ts";
import type { Log } from "./port.ts";

const TEN = Date.UTC(2025, 8, 5, 14);
const SOURCE = "/amc/test";

/** A minute as it was asked for at an instant. */
function minute(number: number, close: number, capturedAt: number) {
  const happenedAt = TEN + number * 60_000;
  const figures = {
    ...{ symbol: "XYZ", happenedAt, publishedAt: happenedAt, intervalMs: 60_000 },
    ...{ open: 10, high: 20, low: 5, close, volume: 1, vwap: null, tradeCount: null },
    volumeScope: "CONSOLIDATED",
  } as const;
  const captured = { at: capturedAt, latencyMs: capturedAt % 97 };
  return barFact(figures, { source: "polygon", confidence: 0.98, simulated: false, captured });
}

describe("facts that are asked for again", () => {
  let log: Log;
  let nowMs: number;
  beforeEach(() => {
    nowMs = TEN + 3_600_000;
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
    log = createMemoryLog(layout, () => nowMs);
  });
  const append = (...closes: readonly number[]) => {
    nowMs += 60_000;
    const facts = closes.map((close, number) => minute(number, close, nowMs));
    return appendNewFacts(log, facts, SOURCE);
  };

  it("are appended once, although they were captured at another time and after another wait", async () => {
    expect(await append(10, 11)).toEqual({ appended: 2, known: 0, restated: 0 });
    nowMs += 7 * 86_400_000;
    expect(await append(10, 11, 12)).toEqual({ appended: 1, known: 2, restated: 0 });
    expect(await eventsOf(log, "market.price-tick.v1")).toHaveLength(3);
  });

  it("are appended and counted when their figures differ, and neither version again", async () => {
    await append(10);
    expect(await append(10.5)).toEqual({ appended: 1, known: 0, restated: 1 });
    expect(await append(10)).toEqual({ appended: 0, known: 1, restated: 0 });
    expect(await append(10.5)).toEqual({ appended: 0, known: 1, restated: 0 });
  });

  it("leave every version in the log once, whatever is asked in whatever order", async () => {
    const asked = fc.array(fc.array(fc.integer({ min: 6, max: 8 }), { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(asked, async (questions) => {
        const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
        log = createMemoryLog(layout, () => nowMs);
        for (const closes of questions) await append(...closes);
        const bars = await eventsOf(log, "market.price-tick.v1");
        const stated = questions.flatMap((closes) => closes.map((close, at) => `${at} ${close}`));
        const found = bars.map(
          ({ happenedAt, close }) => `${(happenedAt - TEN) / 60_000} ${close}`,
        );
        expect(found.toSorted()).toEqual([...new Set(stated)].toSorted());
      }),
    );
  });
});
