import { addTradingDays, tradingDaysIn } from "@amc/streams/market/calendar";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { sessionBounds } from "@amc/streams/market/sessions";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MockMarket } from "./mock-market.ts";

const SYMBOLS = ["GME", "AMC", "SIMA"];
const anySymbol = fc.constantFrom(...SYMBOLS);
const anyDay = fc.integer({ min: 0, max: 1_500 }).map((days) => addTradingDays("2020-01-02", days));

describe("the made-up market", () => {
  it("says the same of a day whatever was asked before, also in another process", () => {
    fc.assert(
      fc.property(anySymbol, fc.array(anyDay, { maxLength: 3 }), anyDay, (symbol, before, day) => {
        const asked = new MockMarket(SYMBOLS);
        for (const other of before) asked.minutes(symbol, other);
        const fresh = new MockMarket([symbol]);
        expect(asked.minutes(symbol, day)).toEqual(fresh.minutes(symbol, day));
        expect(asked.day(symbol, day)).toEqual(fresh.day(symbol, day));
      }),
      { numRuns: 30 },
    );
    // Pinned: another machine, another version of Node, the same market.
    const { open, close, volume } = new MockMarket(["GME"]).day("GME", "2025-09-05");
    expect({ open, close, volume }).toMatchInlineSnapshot(`
      {
        "close": 10.33,
        "open": 10.21,
        "volume": 1651810,
      }
    `);
  });

  it("has minutes that a market could have printed, and days that are their sums", () => {
    fc.assert(
      fc.property(anySymbol, anyDay, (symbol, date) => {
        const market = new MockMarket(SYMBOLS);
        const { premarketOpenMs, openMs, closeMs, afterhoursCloseMs } = sessionBounds(date);
        const minutes = market.minutes(symbol, date);
        let before = premarketOpenMs - MINUTE_MS;
        for (const { startMs, open, high, low, close, volume } of minutes) {
          expect(startMs).toBeGreaterThan(before);
          expect(startMs % MINUTE_MS).toBe(0);
          expect(low).toBeGreaterThan(0);
          expect(low).toBeLessThanOrEqual(Math.min(open, close));
          expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
          expect(volume).toBeGreaterThan(0);
          before = startMs;
        }
        expect(before).toBeLessThan(afterhoursCloseMs);
        const regular = minutes.filter(({ startMs }) => startMs >= openMs && startMs < closeMs);
        expect(market.day(symbol, date)).toMatchObject({
          open: regular[0]?.open,
          close: regular.at(-1)?.close,
          volume: minutes.reduce((sum, { volume }) => sum + volume, 0),
        });
      }),
      { numRuns: 30 },
    );
  });

  it("tells of a running day what has passed, and nothing of what is to come", () => {
    const market = new MockMarket(SYMBOLS);
    const noonMs = Date.UTC(2025, 8, 5, 16);
    const passed = market.dayUntil("GME", "2025-09-05", noonMs);
    const minutes = market.minutes("GME", "2025-09-05").filter(({ startMs }) => startMs <= noonMs);
    expect(passed.close).toBe(minutes.at(-1)?.close);
    expect(passed.volume).toBeLessThan(market.day("GME", "2025-09-05").volume);
  });

  it("has one of SIMA to SIMT trade many times its usual volume on every day", () => {
    const listed = "ABCDEFGHIJKLMNOPQRST".split("").map((letter) => `SIM${letter}`);
    const market = new MockMarket(listed);
    for (const date of tradingDaysIn("2025-09-02", "2025-09-12")) {
      const busy = listed.filter(
        (symbol) => market.day(symbol, date).volume > 4 * market.usualVolume(symbol),
      );
      expect(busy, date).toHaveLength(1);
    }
  });
});
