import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundHalfAwayFromZero } from "./decimal.ts";

describe("roundHalfAwayFromZero", () => {
  // domain-facts §9, §11: the stored values of TV-SI-01, TV-RC-01, TV-SI-05 and of GME's float.
  it.each([
    [2_500_000 / 15_000_000, 4, 0.1667],
    [71_196_206 / 46_888_789, 4, 1.5184],
    [(2.45 - 2.94) / 2.94, 6, -0.166667],
    [6.45 / 2.94 - 1, 6, 1.193878],
    [0.929219, 2, 0.93],
  ])("stores %d with %i digits as %d", (value, scale, stored) => {
    expect(roundHalfAwayFromZero(value, scale)).toBe(stored);
  });

  it("rounds a decimal half away from zero although its binary value lies below it", () => {
    expect(roundHalfAwayFromZero(1.00005, 4)).toBe(1.0001);
    expect(roundHalfAwayFromZero(-1.00005, 4)).toBe(-1.0001);
    expect(roundHalfAwayFromZero(1.005, 2)).toBe(1.01);
    expect(roundHalfAwayFromZero(2.5, 0)).toBe(3);
    expect(roundHalfAwayFromZero(-0.5, 0)).toBe(-1);
    expect(roundHalfAwayFromZero(0.49999999999999994, 0)).toBe(0);
  });

  it("never answers negative zero, which PostgreSQL would not tell from zero", () => {
    expect(Object.is(roundHalfAwayFromZero(-0.00001, 4), 0)).toBe(true);
  });

  it("agrees with integer arithmetic on every decimal of eight digits", () => {
    const decimal = fc.record({
      digits: fc.integer({ min: -99_999_999, max: 99_999_999 }),
      places: fc.integer({ min: 0, max: 8 }),
      scale: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(decimal, ({ digits, places, scale }) => {
        const value = Number(`${digits}e-${places}`);
        const dropped = 10n ** BigInt(Math.max(0, places - scale));
        const magnitude = BigInt(Math.abs(digits));
        const kept = (2n * magnitude + dropped) / (2n * dropped);
        const expected = Number(`${digits < 0 ? "-" : ""}${kept}e-${Math.min(places, scale)}`);
        expect(roundHalfAwayFromZero(value, scale)).toBe(expected === 0 ? 0 : expected);
      }),
    );
  });
});
