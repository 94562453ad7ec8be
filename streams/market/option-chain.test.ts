import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atTheMoneyStrike, expiresSoon, gammaWall } from "./option-chain.ts";

const call = (strike: number, bid: number | null = null, ask: number | null = null) =>
  ({ right: "call", strike, bid, ask }) as const;
const put = (strike: number, bid: number | null = null, ask: number | null = null) =>
  ({ right: "put", strike, bid, ask }) as const;

describe("the nearest expiry", () => {
  it("is 1 to 60 days ahead", () => {
    expect([0, 1, 60, 61, -1, 0.5].map(expiresSoon)).toEqual([
      ...[false, true, true, false, false, false],
    ]);
  });
});

describe("the at-the-money strike", () => {
  it("is the nearest to the share's price, the lower of two, and at most 10 % away", () => {
    expect(atTheMoneyStrike([call(9), call(10), call(11)], 10.4)).toBe(10);
    expect(atTheMoneyStrike([call(10), call(11)], 10.5)).toBe(10);
    expect(atTheMoneyStrike([put(11)], 10)).toBe(11);
    expect(atTheMoneyStrike([call(8.9), call(11.1)], 10)).toBeNull();
  });

  it("is where call and put cost the same when the price is not known", () => {
    const chain = [call(9, 1.4, 1.6), put(9, 0.2, 0.4), call(10, 0.7, 0.9), put(10, 0.6, 0.8)];
    expect(atTheMoneyStrike(chain, null)).toBe(10);
    expect(atTheMoneyStrike([call(9, 1.4, 1.6), put(9, null, 0.4)], null)).toBeNull();
  });

  it("is none of no contracts", () => {
    expect(atTheMoneyStrike([], 10)).toBeNull();
    expect(atTheMoneyStrike([], null)).toBeNull();
  });
});

describe("the gamma wall", () => {
  const weighed = (strike: number, openInterest: number | null, gamma: number | null) => ({
    ...{ strike, openInterest, gamma },
  });

  it("has the largest open interest times gamma above the price, within 20 %", () => {
    const calls = [
      weighed(9.5, 9_000, 0.9),
      weighed(10, 9_000, 0.9),
      weighed(10.5, 100, 0.3),
      weighed(11, 400, 0.2),
      weighed(12, 300, 0.1),
      weighed(12.5, 9_000, 0.9),
    ];
    expect(gammaWall(calls, 10)).toBe(11);
  });

  it("is none where nobody holds a call, or no gamma is stated", () => {
    expect(gammaWall([weighed(11, 0, 0.2), weighed(11.5, null, 0.2)], 10)).toBeNull();
    expect(gammaWall([weighed(11, 100, null)], 10)).toBeNull();
  });

  it("is the strike that a search through all of them finds", () => {
    const one = fc.record({
      strike: fc.integer({ min: 5, max: 15 }),
      openInterest: fc.integer({ min: 0, max: 50 }),
      gamma: fc.integer({ min: 0, max: 5 }),
    });
    const chains = fc.uniqueArray(one, { selector: ({ strike }) => strike });
    fc.assert(
      fc.property(chains, (calls) => {
        const sorted = calls.toSorted((a, b) => a.strike - b.strike);
        const inside = sorted.filter(({ strike }) => strike > 10 && strike <= 12);
        const [best] = inside.toSorted(
          (a, b) => b.openInterest * b.gamma - a.openInterest * a.gamma || a.strike - b.strike,
        );
        const weight = (best?.openInterest ?? 0) * (best?.gamma ?? 0);
        expect(gammaWall(sorted, 10)).toBe(weight > 0 ? best?.strike : null);
      }),
    );
  });
});
