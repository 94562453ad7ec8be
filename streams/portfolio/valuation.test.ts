import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueHolding } from "./valuation.ts";

describe("valueHolding", () => {
  // By hand: value = shares x price, gain = shares x (price - entry), percent = gain / |shares x entry|.
  it.each([
    ["a long gain", 100, 18.5, 20.5, "long", 2050, 200, 10.81],
    ["a long loss", 100, 20.5, 18.5, "long", 1850, -200, -9.76],
    ["a short gain", -40, 50, 30, "short", -1200, 800, 40],
    ["a short loss of more than all", -40, 20, 62, "short", -2480, -1680, -210],
    ["a part of a share", 0.125, 40, 44, "long", 5.5, 0.5, 10],
    ["no change", 3, 7.1, 7.1, "long", 21.3, 0, 0],
    ["a product that binary fractions miss", 3, 0.1, 0.1, "long", 0.3, 0, 0],
  ] as const)("values %s", (_, quantity, averageEntryPrice, price, side, value, pl, pct) => {
    expect(valueHolding({ quantity, averageEntryPrice }, price)).toEqual({
      ...{ side, marketValue: value, unrealizedPl: pl, unrealizedPlPct: pct },
    });
  });

  it("knows the side and nothing else without a price, and never says 0 for it", () => {
    expect(valueHolding({ quantity: -3, averageEntryPrice: 10 }, null)).toEqual({
      ...{ side: "short", marketValue: null, unrealizedPl: null, unrealizedPlPct: null },
    });
  });

  it("knows the value but no gain without an entry price", () => {
    expect(valueHolding({ quantity: 2, averageEntryPrice: null }, 10)).toEqual({
      ...{ side: "long", marketValue: 20, unrealizedPl: null, unrealizedPlPct: null },
    });
  });

  it("gives a short position the opposite gain of the long one, to the digit", () => {
    const cents = fc.integer({ min: 1, max: 10_000_000 }).map((value) => value / 100);
    const shares = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(shares, cents, cents, (quantity, averageEntryPrice, price) => {
        const long = valueHolding({ quantity, averageEntryPrice }, price);
        const short = valueHolding({ quantity: -quantity, averageEntryPrice }, price);
        expect((long.marketValue ?? 0) + (short.marketValue ?? 0)).toBe(0);
        expect((long.unrealizedPl ?? 0) + (short.unrealizedPl ?? 0)).toBe(0);
        expect((long.unrealizedPlPct ?? 0) + (short.unrealizedPlPct ?? 0)).toBe(0);
        // In whole cents, where doubles are exact: an oracle of its own.
        const exact =
          (BigInt(Math.round(price * 100)) - BigInt(Math.round(averageEntryPrice * 100))) *
          BigInt(quantity);
        expect(Math.round((long.unrealizedPl ?? 0) * 100)).toBe(Number(exact));
      }),
    );
  });
});
