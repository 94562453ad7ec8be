import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callPrice, gamma, impliedVolatility } from "./black-scholes.ts";
import { normalDistribution } from "./normal-distribution.ts";
import {
  impliedVolatilityOfCall,
  optionTerms,
  percentileRank,
  snapshotConfidence,
} from "./options.ts";

const spot = fc.double({ min: 1, max: 500, noNaN: true });
const terms = fc
  .record({
    spot,
    moneyness: fc.double({ min: 0.8, max: 1.25, noNaN: true }),
    days: fc.integer({ min: 5, max: 400 }),
  })
  .map((drawn) => optionTerms(drawn.spot, drawn.spot * drawn.moneyness, drawn.days));
const nearTerms = fc
  .record({
    spot,
    moneyness: fc.double({ min: 0.95, max: 1.05, noNaN: true }),
    days: fc.integer({ min: 20, max: 400 }),
  })
  .map((drawn) => optionTerms(drawn.spot, drawn.spot * drawn.moneyness, drawn.days));
const volatility = fc.double({ min: 0.2, max: 3, noNaN: true });

describe("the normal distribution", () => {
  // 0.5 * math.erfc(-x / math.sqrt(2)) of Python 3.
  it.each([
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [-1, 0.15865525393145707],
    [1.959963984540054, 0.975],
    [-3, 0.0013498980316300957],
    [-6, 9.865876450376981e-10],
    [-7.5, 3.190891672910919e-14],
    [9, 1],
  ])("at %d is %d", (x, expected) => {
    expect(Math.abs(normalDistribution(x) - expected)).toBeLessThan(1e-14);
  });
});

describe("implied volatility", () => {
  it.each([
    ["S 10, K 10, 30 d, 0.80", 0.8, 10, 10, 30, 0.68388],
    ["S 100, K 100, 30 d, 5.00", 5, 100, 100, 30, 0.420108],
    ["S 10, K 10.5, 14 d, 0.35", 0.35, 10, 10.5, 14, 0.697341],
  ])("TV-OPT-01: %s", (_name, mid, spot, strike, days, expected) => {
    expect(impliedVolatilityOfCall(mid, spot, strike, days)).toBeCloseTo(expected, 6);
  });

  it("gives back the volatility a call near the money was priced at", () => {
    fc.assert(
      fc.property(nearTerms, volatility, (option, sigma) => {
        const implied = impliedVolatility(callPrice(option, sigma), option);
        expect(implied).toBeCloseTo(sigma, 6);
      }),
    );
  });

  it("explains the price of any call, or is null where the price holds no time value", () => {
    fc.assert(
      fc.property(terms, volatility, (option, sigma) => {
        const price = callPrice(option, sigma);
        const implied = impliedVolatility(price, option);
        const floor = Math.max(0, callPrice(option, 0.01));
        if (implied === null) expect(price - floor).toBeLessThan(2e-9 * option.spot);
        else expect(Math.abs(callPrice(option, implied) - price)).toBeLessThan(1e-11 * option.spot);
      }),
    );
  });

  it("is null, not a limit, for a price that no volatility from 0.01 to 5 explains", () => {
    expect(impliedVolatilityOfCall(0.9, 10, 9, 30)).toBeNull();
    expect(impliedVolatilityOfCall(9.99, 10, 10, 30)).toBeNull();
  });

  it("is null without a positive price, share price, strike or time", () => {
    expect(impliedVolatilityOfCall(0, 10, 10, 30)).toBeNull();
    expect(impliedVolatilityOfCall(0.8, 0, 10, 30)).toBeNull();
    expect(impliedVolatilityOfCall(0.8, 10, -1, 30)).toBeNull();
    expect(impliedVolatilityOfCall(0.8, 10, 10, 0)).toBeNull();
    expect(impliedVolatilityOfCall(Number.NaN, 10, 10, 30)).toBeNull();
  });
});

describe("a call", () => {
  it("costs what textbooks say: S 42, K 40, half a year, 10 %, volatility 20 %", () => {
    // Hull, Options, Futures and Other Derivatives, example of the Black-Scholes chapter: 4.76.
    expect(callPrice({ spot: 42, strike: 40, years: 0.5, rate: 0.1 }, 0.2)).toBeCloseTo(4.76, 2);
  });

  it("has a gamma equal to the second difference of its price", () => {
    fc.assert(
      fc.property(nearTerms, volatility, (option, sigma) => {
        const step = option.spot * 1e-3;
        const at = (spotPrice: number) => callPrice({ ...option, spot: spotPrice }, sigma);
        const second =
          (at(option.spot + step) - 2 * at(option.spot) + at(option.spot - step)) / step ** 2;
        // The difference errs by a share of the largest gamma, which lies near the money.
        const peak = 1 / (option.spot * sigma * Math.sqrt(2 * Math.PI * option.years));
        expect(Math.abs(second - gamma(option, sigma))).toBeLessThan(1e-3 * peak);
      }),
    );
  });

  it("has the textbook gamma 0.066 for S 49, K 50, 20 weeks, 5 %, volatility 20 %", () => {
    // Hull, chapter on the Greek letters.
    expect(gamma({ spot: 49, strike: 50, years: 0.3846, rate: 0.05 }, 0.2)).toBeCloseTo(0.066, 3);
  });
});

describe("confidence in a snapshot", () => {
  const call = { bid: 0.78, ask: 0.82 };
  const put = { bid: 0.75, ask: 0.79 };

  it("equals TV-OPT-02", () => {
    expect(snapshotConfidence([call, put], 6)).toBeCloseTo(0.568182, 6);
  });

  it("keeps only the part that is left of spread or age", () => {
    expect(snapshotConfidence([{ bid: 0.5, ask: 1.5 }], 0)).toBeCloseTo(0.3, 12);
    expect(snapshotConfidence([call], 48)).toBeCloseTo(0.7 * 0.5, 12);
  });

  it("is 0 without a quote and for locked or crossed quotes", () => {
    expect(snapshotConfidence([], 0)).toBe(0);
    expect(snapshotConfidence([call, { bid: 0.8, ask: 0.8 }], 0)).toBe(0);
    expect(snapshotConfidence([{ bid: 0.9, ask: 0.8 }], 0)).toBe(0);
    expect(snapshotConfidence([{ bid: Number.NaN, ask: 0.8 }], 0)).toBe(0);
  });
});

describe("percentile rank", () => {
  it("equals TV-OPT-03: 189 of 252 below is 75", () => {
    const history = Array.from({ length: 252 }, (_, day) => (day < 189 ? 0.3 : 0.6));
    expect(percentileRank(history, 0.5)).toBe(75);
  });

  it("does not count what equals today", () => {
    expect(percentileRank(Array(60).fill(0.5), 0.5)).toBe(0);
    expect(percentileRank(Array(60).fill(0.5), 0.51)).toBe(100);
  });

  it("is null, never a neutral 50, with fewer than 60 observations", () => {
    expect(percentileRank(Array(59).fill(0.5), 0.6)).toBeNull();
    expect(percentileRank([], 0.6)).toBeNull();
  });
});
