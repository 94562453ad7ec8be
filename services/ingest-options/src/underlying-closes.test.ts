import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { barFact, quoteFact } from "@amc/streams/facts/price-tick";
import { describe, expect, it } from "vitest";
import { underlyingCloses } from "./underlying-closes.ts";

const DATE = "2025-09-05";
const CLOSE_MS = Date.UTC(2025, 8, 5, 20);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function bar(symbol: string, happenedAt: number, close: number, more: object = {}) {
  const {
    intervalMs = MINUTE_MS,
    confidence = 0.85,
  }: { intervalMs?: number; confidence?: number } = more;
  const figures = {
    ...{ symbol, happenedAt, publishedAt: happenedAt, intervalMs, close },
    ...{ open: 10, high: 99, low: 1, volume: 1, vwap: null, tradeCount: null },
    volumeScope: "CONSOLIDATED",
  } as const;
  return barFact(figures, { source: `s${confidence}`, confidence, simulated: false });
}

describe("the close beside which options closed", () => {
  it("is the daily bar's, else the last trading of a quarter of an hour, else not known", async () => {
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 3 }));
    const log = createMemoryLog(layout, () => CLOSE_MS + DAY_MS);
    const sides = { bid: 50, ask: 51, volumeScope: "CONSOLIDATED", sequence: 1 } as const;
    const at = { symbol: "MIN", happenedAt: CLOSE_MS, publishedAt: CLOSE_MS };
    await appendFacts(
      log,
      [
        bar("DAY", CLOSE_MS, 20, { intervalMs: DAY_MS }),
        bar("DAY", CLOSE_MS, 21),
        bar("TWO", CLOSE_MS, 30, { intervalMs: DAY_MS, confidence: 0.98 }),
        bar("TWO", CLOSE_MS, 31, { intervalMs: DAY_MS, confidence: 0.85 }),
        bar("MIN", CLOSE_MS - 2 * MINUTE_MS, 11),
        bar("MIN", CLOSE_MS - MINUTE_MS, 12),
        bar("MIN", CLOSE_MS + MINUTE_MS, 13),
        quoteFact({ ...at, ...sides }, { source: "s", confidence: 1, simulated: false }),
        bar("OLD", CLOSE_MS - 16 * MINUTE_MS, 14),
        bar("NEXT", CLOSE_MS + DAY_MS, 15, { intervalMs: DAY_MS }),
        bar("ELSE", CLOSE_MS, 16),
      ],
      "/amc/test",
    );
    const symbols = ["DAY", "TWO", "MIN", "OLD", "NEXT", "NONE"];
    const closes = await underlyingCloses(log, symbols, DATE, false);
    expect(await underlyingCloses(log, symbols, DATE, true)).toEqual(new Map());
    expect(Object.fromEntries(closes)).toEqual({ DAY: 20, TWO: 30, MIN: 12 });
  });
});
