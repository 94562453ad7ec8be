import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundHalfAway } from "./rounding.ts";

describe("roundHalfAway", () => {
  // As PostgreSQL answers to select round(x::numeric, n).
  it.each([
    [0.16666666666666666, 4, 0.1667],
    [1.005, 2, 1.01],
    [2.675, 2, 2.68],
    [-1.005, 2, -1.01],
    [0.5, 0, 1],
    [-0.5, 0, -1],
    [1.5, 0, 2],
    [2.5, 0, 3],
    [-0.16665, 4, -0.1667],
    [0.00005, 4, 0.0001],
    [0.000049999, 4, 0],
    [1e-7, 4, 0],
    [5e-7, 6, 0.000001],
    [0.49999999999999994, 0, 0],
    [999_999.99995, 4, 1_000_000],
    [123_456_789.12345, 4, 123_456_789.1235],
  ])("rounds %d to %d decimals as %d", (value, decimals, rounded) => {
    expect(roundHalfAway(value, decimals)).toBe(rounded);
  });

  it("never gives minus zero", () => {
    expect(Object.is(roundHalfAway(-0.00001, 4), 0)).toBe(true);
    expect(Object.is(roundHalfAway(-0, 4), 0)).toBe(true);
  });

  it("equals exact decimal arithmetic on the shortest form of any price", () => {
    const places = 7;
    fc.assert(
      fc.property(
        fc.integer({ min: -1e13, max: 1e13 }),
        fc.integer({ min: 0, max: 6 }),
        (units, decimals) => {
          const value = units / 10 ** places;
          const step = 10n ** BigInt(places - decimals);
          const magnitude = BigInt(Math.abs(units));
          const rounded = (magnitude + step / 2n) / step;
          const expected = (Math.sign(units) * Number(rounded)) / 10 ** decimals;
          expect(roundHalfAway(value, decimals)).toBe(expected === 0 ? 0 : expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
