import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { atr } from "./atr.ts";
import { ema } from "./ema.ts";
import { seriesOf, type VolumeCandle } from "./indicator.ts";
import { macd } from "./macd.ts";
import { onBalanceVolume } from "./on-balance-volume.ts";
import { bollingerBands, sma, standardDeviation } from "./rolling-statistics.ts";
import { rsi } from "./rsi.ts";
import { vwap } from "./vwap.ts";

const ORACLES = path.join(process.env.AMC_DATA ?? "../shared/data", "indicator-oracles");
const absent = !existsSync(ORACLES);
const candles = absent ? [] : readQuotes();
const closes = candles.map(({ close }) => close);
const MACD_OPTIONS = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 } as const;

/** Daily bars of SPY, 2017 and 2018: date, open, high, low, close, volume. */
function readQuotes(): VolumeCandle[] {
  const lines = readFileSync(path.join(ORACLES, "quotes-default.csv"), "utf8").trim().split("\n");
  return lines.slice(1).map((line) => {
    const [, , high = Number.NaN, low = Number.NaN, close = Number.NaN, volume = Number.NaN] = line
      .split(",")
      .map(Number);
    return { high, low, close, volume };
  });
}

/** One column of the expected output, null where the oracle has no value yet. */
function oracle(name: string, column: string): (number | null)[] {
  const file = path.join(ORACLES, `result-${name}.standard.json`);
  const rows: Record<string, number | null>[] = JSON.parse(readFileSync(file, "utf8"));
  return rows.map((row) => row[column] ?? null);
}

function expectEqualTo1e9(actual: (number | null)[], expected: (number | null)[]): void {
  expect(actual).toHaveLength(502);
  expect(actual.map((value) => value === null)).toEqual(expected.map((value) => value === null));
  for (const [index, value] of actual.entries()) {
    if (value !== null) {
      expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThanOrEqual(1e-9);
    }
  }
}

describe.skipIf(absent)("indicators over two years of SPY (needs AMC_DATA)", () => {
  it.each([
    ["RSI(14)", "rsi", "rsi", () => seriesOf(rsi(14), closes)],
    ["EMA(20)", "ema", "ema", () => seriesOf(ema(20), closes)],
    ["SMA(20)", "sma", "sma", () => seriesOf(sma(20), closes)],
    ["ATR(14)", "atr", "atr", () => seriesOf(atr(14), candles)],
    ["true range, an ATR(1)", "tr", "tr", () => seriesOf(atr(1), candles)],
    ["standard deviation (14)", "stdev", "stdDev", () => seriesOf(standardDeviation(14), closes)],
    ["VWAP since the first bar", "vwap", "vwap", () => seriesOf(vwap, candles)],
    ["on-balance volume", "obv", "obv", () => seriesOf(onBalanceVolume, candles)],
  ])("%s equals the oracle to 1e-9", (_name, file, column, series) => {
    expectEqualTo1e9(series(), oracle(file, column));
  });

  it.each(["middle", "upper", "lower"] as const)(
    "Bollinger bands (20, 2) equal the oracle to 1e-9: %s",
    (band) => {
      const columns = { middle: "sma", upper: "upperBand", lower: "lowerBand" };
      const values = seriesOf(bollingerBands(20, 2), closes).map((bands) => bands?.[band] ?? null);
      expectEqualTo1e9(values, oracle("bb", columns[band]));
    },
  );

  it.each(["macd", "signal", "histogram"] as const)(
    "MACD (12, 26, 9) with independent seeding equals the oracle to 1e-9: %s",
    (line) => {
      const independent = macd({ ...MACD_OPTIONS, seeding: "independent" });
      const values = seriesOf(independent, closes).map((value) => value?.[line] ?? null);
      // The oracle shows the macd line 8 bars before its signal is ready, ours waits as TA-Lib does.
      const signalReady = oracle("macd", "signal");
      const expected = oracle("macd", line).map((value, at) =>
        signalReady[at] === null ? null : value,
      );
      expectEqualTo1e9(values, expected);
    },
  );

  it("MACD with TA-Lib's seeding differs there by 0.16 at its first value and not at its last", () => {
    const aligned = seriesOf(macd({ ...MACD_OPTIONS, seeding: "aligned" }), closes);
    const expected = oracle("macd", "macd");
    // domain-facts §0 gives the difference of the first macd value, at bar 26.
    const seedOnly = seriesOf(
      macd({ ...MACD_OPTIONS, signalPeriod: 1, seeding: "aligned" }),
      closes,
    );
    expect(Math.abs((seedOnly[25]?.macd ?? Number.NaN) - (expected[25] ?? Number.NaN))).toBeCloseTo(
      0.16,
      2,
    );
    expect(aligned.at(-1)?.macd).toBeCloseTo(expected.at(-1) ?? Number.NaN, 9);
  });
});
