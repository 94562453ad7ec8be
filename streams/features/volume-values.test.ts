import { describe, expect, it } from "vitest";
import { addTradingDays } from "../market/calendar.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { dailyIndicators } from "./daily-indicators.ts";
import { DailyWindow } from "./daily-window.ts";
import type { DayValues } from "./day-values.ts";
import { MissingValues } from "./missing-values.ts";
import { volumeValues } from "./volume-values.ts";

const DAY = "2021-01-13";

/** Sessions up to the day before, with these volumes, oldest first. */
function windowOf(volumes: readonly number[]): DailyWindow {
  const window = new DailyWindow();
  for (const [index, volume] of volumes.entries()) {
    const prices = { open: 10, high: 10, low: 10, close: 10, scope: "CONSOLIDATED" } as const;
    const proof = { factCount: 1, firstId: "", idSum: new Uint32Array(4) };
    const date = addTradingDays(DAY, index - volumes.length);
    window.put({ date, volume, ...prices, ...proof }, "");
  }
  return window;
}

const TODAY: DayValues = {
  intraday: true,
  price: 10,
  priceAt: newYorkToUtc(DAY, "09:59"),
  dayOpen: 10,
  dayHigh: 10,
  dayLow: 10,
  vwap: 10,
  sessionVolume: 500,
  extendedVolume: 0,
  dollarVolume: 5_000,
  scope: "CONSOLIDATED",
};

/** Values at 10:00 of the regular session, and the reason of each null. */
function valuesAfter(volumes: readonly number[]) {
  const missing = new MissingValues();
  const moment = { atMs: newYorkToUtc(DAY, "10:00"), day: DAY, trigger: "SLOT" } as const;
  const indicators = dailyIndicators(windowOf(volumes));
  const values = volumeValues(TODAY, indicators, moment, "REGULAR", missing);
  return {
    values,
    reasons: Object.fromEntries(missing.all.map((one) => [one.feature, one.reason])),
  };
}

const sessions = (count: number, volume: number): number[] => Array(count).fill(volume);

// Found in review: "needs 30 sessions and has 105", "it exists in the regular session only" at ten
// in the morning, and two nulls without any reason.
describe("why a relative volume is null", () => {
  it("is that nothing has traded in the sessions it is measured against", () => {
    const { values, reasons } = valuesAfter(sessions(105, 0));
    expect(Object.values(values)).toEqual(Array(6).fill(null));
    expect(reasons).toEqual({
      volumeSpikeRaw: "zero-base",
      volumeSpike: "zero-base",
      volumeSpikeEarly: "zero-base",
      volumeSpikeConfirmation: "zero-base",
      relvol30: "zero-base",
      relvol5: "zero-base",
    });
  });

  it("is that of its own mean where only the newest sessions were silent", () => {
    const five = valuesAfter([...sessions(100, 1_000), ...sessions(5, 0)]);
    expect(five.reasons).toEqual({ volumeSpikeEarly: "zero-base", relvol5: "zero-base" });
    expect(five.values.relvol30).toBeCloseTo((500 * 13) / (25_000 / 30), 9);
    const ten = valuesAfter([...sessions(95, 1_000), ...sessions(10, 0)]);
    expect(Object.keys(ten.reasons).sort()).toEqual([
      "relvol5",
      "volumeSpikeConfirmation",
      "volumeSpikeEarly",
    ]);
  });

  it("is a warm-up only while sessions are to come", () => {
    const missing = new MissingValues();
    const moment = { atMs: newYorkToUtc(DAY, "10:00"), day: DAY, trigger: "SLOT" } as const;
    const indicators = dailyIndicators(windowOf(sessions(29, 0)));
    volumeValues(TODAY, indicators, moment, "REGULAR", missing);
    expect(missing.all).toHaveLength(6);
    for (const { reason, have, need } of missing.all) {
      expect({ reason, have, need }).toEqual({ reason: "warming-up", have: 29, need: 30 });
    }
  });
});

describe("why an average of closes is null", () => {
  it("is for RSI that no close has moved, however many there are", () => {
    const { missing } = dailyIndicators(windowOf(sessions(105, 1_000)));
    expect(missing).toEqual([
      { feature: "rsi14", reason: "price-unchanged", have: null, need: null },
    ]);
  });
});
