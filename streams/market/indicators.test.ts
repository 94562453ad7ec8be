import fc from "fast-check";
import { ATR, BollingerBands, EMA, RSI, SMA } from "trading-signals";
import { describe, expect, it } from "vitest";
import { atr, trueRange } from "./atr.ts";
import { ema } from "./ema.ts";
import { type Indicator, lastOf, seriesOf, type VolumeCandle } from "./indicator.ts";
import { macd } from "./macd.ts";
import { onBalanceVolume } from "./on-balance-volume.ts";
import { bollingerBands, sma, standardDeviation } from "./rolling-statistics.ts";
import { rsi } from "./rsi.ts";
import { vwap } from "./vwap.ts";

// TV-TA of domain-facts §3; the values there were produced with TA-Lib.
const CLOSES = [
  10.0, 10.2, 10.1, 10.4, 10.6, 10.5, 10.8, 11.0, 10.9, 11.2, 11.1, 11.4, 11.6, 11.5, 11.8, 12.0,
  11.9, 12.2, 12.1, 12.4,
];
const CANDLES = CLOSES.map((close) => ({
  high: close + 0.15,
  low: close - 0.2,
  close,
  volume: 100,
}));
const MACD_OPTIONS = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 } as const;

const price = fc.integer({ min: 1, max: 1_000_000 }).map((cents) => cents / 100);
const candle: fc.Arbitrary<VolumeCandle> = fc
  .record({ a: price, b: price, c: price, volume: fc.nat(1_000_000) })
  .map(({ a, b, c, volume }) => ({
    high: Math.max(a, b, c),
    low: Math.min(a, b, c),
    close: c,
    volume,
  }));

const SHORT_MACD = { fastPeriod: 3, slowPeriod: 6, signalPeriod: 4, seeding: "aligned" } as const;

interface Replayed {
  readonly added: unknown[];
  readonly peeked: unknown[];
  /** As `added`, with the state written out and read back before every input. */
  readonly resumed: unknown[];
  readonly disturbedByPeek: boolean;
}

function replay<State, Input, Value>(
  indicator: Indicator<State, Input, Value>,
  inputs: readonly Input[],
): Replayed {
  const state = indicator.start();
  let stored = JSON.stringify(indicator.start());
  const peeked: unknown[] = [];
  const resumed: unknown[] = [];
  let disturbedByPeek = false;
  const added = inputs.map((input) => {
    const before = JSON.stringify(state);
    peeked.push(indicator.peek(state, input));
    if (JSON.stringify(state) !== before) disturbedByPeek = true;
    const restored: State = JSON.parse(stored);
    resumed.push(indicator.add(restored, input));
    stored = JSON.stringify(restored);
    return indicator.add(state, input);
  });
  return { added, peeked, resumed, disturbedByPeek };
}

function closesOf(candles: readonly VolumeCandle[]): number[] {
  return candles.map(({ close }) => close);
}

function expectClose(actual: (number | null)[], expected: (number | null)[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    const got = actual[index] ?? null;
    if (value === null || got === null) expect(got).toBe(value);
    else expect(Math.abs(got - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
  }
}

describe("indicators on the TV-TA series", () => {
  it("give RSI(14) of bars 15 to 20 and nothing before", () => {
    const values = seriesOf(rsi(14), CLOSES);
    expect(values.slice(0, 14)).toEqual(Array(14).fill(null));
    const expected = [82.14285714, 83.41836735, 80.32879819, 82.43106403, 79.3855431, 81.58379185];
    for (const [index, value] of expected.entries()) {
      expect(values[14 + index]).toBeCloseTo(value, 8);
    }
  });

  it("give EMA(9), EMA(20) and ATR(14) of the last bar", () => {
    expect(lastOf(ema(9), CLOSES)).toBeCloseTo(11.86494045, 8);
    expect(lastOf(ema(20), CLOSES)).toBeCloseTo(11.185, 10);
    expect(lastOf(ema(20), CLOSES.slice(1))).toBeNull();
    const range = lastOf(atr(14), CANDLES) ?? Number.NaN;
    expect(range).toBeCloseTo(0.38795752, 8);
    expect(range / 12.4).toBeCloseTo(0.0312869, 8);
  });

  it("give MACD(12, 26, 9) of the series followed by itself 2.2 higher", () => {
    const closes = [...CLOSES, ...CLOSES.map((close) => close + 2.2)];
    const last = lastOf(macd({ ...MACD_OPTIONS, seeding: "aligned" }), closes);
    expect(last?.macd).toBeCloseTo(0.8072396975, 10);
    expect(last?.signal).toBeCloseTo(0.800012169, 10);
    expect(last?.histogram).toBeCloseTo(0.0072275285, 10);
  });

  it("read Float64Array columns as well as arrays", () => {
    expect(seriesOf(rsi(14), Float64Array.from(CLOSES))).toEqual(seriesOf(rsi(14), CLOSES));
  });
});

describe("indicators and the library trading-signals", () => {
  it("agree on RSI(14), which the library puts at 100 - 100/(1 + gain/loss)", () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 20, maxLength: 80 }), (closes) => {
        const library = new RSI(14);
        const expected = closes.map((close) => library.add(close));
        const values = seriesOf(rsi(14), closes);
        for (const [index, value] of values.entries()) {
          if (value !== null) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 8);
        }
        expect(values.slice(0, 14)).toEqual(expected.slice(0, 14));
      }),
    );
  });

  it("agree on SMA(20), EMA(20) from its seed on, and Bollinger bands (20, 2)", () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 30, maxLength: 60 }), (closes) => {
        const mean = new SMA(20);
        expectClose(
          seriesOf(sma(20), closes),
          closes.map((close) => mean.add(close)),
        );
        const bands = new BollingerBands(20, 2);
        const expected = closes.map((close) => bands.add(close));
        const values = seriesOf(bollingerBands(20, 2), closes);
        expectClose(
          values.map((band) => band?.upper ?? null),
          expected.map((band) => band?.upper ?? null),
        );
        expectClose(
          values.map((band) => band?.lower ?? null),
          expected.map((band) => band?.lower ?? null),
        );
      }),
    );
  });

  it("agree on true range; the library's EMA and ATR differ only in where they are seeded", () => {
    fc.assert(
      fc.property(fc.array(candle, { minLength: 400, maxLength: 400 }), (candles) => {
        // After 380 steps the weight of a seed is (19/21)^380, below 1e-16.
        const closes = candles.map(({ close }) => close);
        const average = new EMA(20);
        const expected = closes.map((close) => average.add(close)).at(-1) ?? Number.NaN;
        expectClose([lastOf(ema(20), closes)], [expected]);
        const range = new ATR(14);
        const expectedRange = candles.map((each) => range.add(each)).at(-1) ?? Number.NaN;
        expectClose([lastOf(atr(14), candles)], [expectedRange]);
      }),
      { numRuns: 20 },
    );
  });
});

/** Each indicator behind one type, its inputs made from candles. */
const ALL: Readonly<Record<string, (candles: readonly VolumeCandle[]) => Replayed>> = {
  rsi: (candles) => replay(rsi(5), closesOf(candles)),
  ema: (candles) => replay(ema(5), closesOf(candles)),
  sma: (candles) => replay(sma(5), closesOf(candles)),
  standardDeviation: (candles) => replay(standardDeviation(5), closesOf(candles)),
  bollingerBands: (candles) => replay(bollingerBands(5, 2), closesOf(candles)),
  atr: (candles) => replay(atr(5), candles),
  vwap: (candles) => replay(vwap, candles),
  onBalanceVolume: (candles) => replay(onBalanceVolume, candles),
  macdAligned: (candles) => replay(macd(SHORT_MACD), closesOf(candles)),
  macdIndependent: (candles) =>
    replay(macd({ ...SHORT_MACD, seeding: "independent" }), closesOf(candles)),
};

describe.each(Object.keys(ALL))("the indicator %s", (name) => {
  const run = ALL[name];
  const candles = fc.array(candle, { maxLength: 30 });

  it("peeks at what it will be and keeps its state meanwhile", () => {
    fc.assert(
      fc.property(candles, (each) => {
        const replayed = run?.(each);
        expect(replayed?.peeked).toEqual(replayed?.added);
        expect(replayed?.disturbedByPeek).toBe(false);
      }),
    );
  });

  it("goes on from a stored state as if it had never stopped", () => {
    fc.assert(
      fc.property(candles, (each) => {
        const replayed = run?.(each);
        expect(replayed?.resumed).toEqual(replayed?.added);
      }),
    );
  });
});

describe("missing values", () => {
  it("are null for RSI while no close has moved, and 100 or 0 after moves in one direction", () => {
    expect(lastOf(rsi(3), [5, 5, 5, 5, 5])).toBeNull();
    expect(lastOf(rsi(3), [5, 6, 7, 8])).toBe(100);
    expect(lastOf(rsi(3), [8, 7, 6, 5])).toBe(0);
  });

  it("are null for VWAP until a share was traded", () => {
    const quiet = { high: 10, low: 9, close: 9.5, volume: 0 };
    expect(seriesOf(vwap, [quiet, { ...quiet, volume: 5 }])).toEqual([null, 9.5]);
  });

  it("refuse periods that are not whole and positive", () => {
    for (const period of [0, -1, 1.5, Number.NaN]) {
      expect(() => rsi(period)).toThrow(RangeError);
      expect(() => sma(period)).toThrow(RangeError);
    }
    expect(() => macd({ ...MACD_OPTIONS, slowPeriod: 11, seeding: "aligned" })).toThrow(RangeError);
  });
});

describe("true range", () => {
  it("includes the gap from the previous close, up and down", () => {
    expect(trueRange({ high: 12, low: 11, close: 11.5 }, 11.2)).toBe(1);
    expect(trueRange({ high: 12, low: 11, close: 11.5 }, 9)).toBe(3);
    expect(trueRange({ high: 12, low: 11, close: 11.5 }, 14)).toBe(3);
  });
});
