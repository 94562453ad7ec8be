import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { twoSidedProbability } from "./student-t.ts";

const t = fc.double({ min: 0, max: 40, noNaN: true });
const degrees = fc.double({ min: 1, max: 10_000, noNaN: true });

/** Off by less than this share of the expected value. */
function expectRelative(actual: number, expected: number, share: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(share * expected);
}

/**
 * The other way to the same figure, for whole degrees of freedom: the finite sums of Abramowitz and
 * Stegun 26.7.3 and 26.7.4. Probability to lie within `t`.
 */
function within(distance: number, wholeDegrees: number): number {
  const angle = Math.atan(distance / Math.sqrt(wholeDegrees));
  const cosine = Math.cos(angle);
  const isOdd = wholeDegrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let power = isOdd ? 1 : 0; power <= wholeDegrees - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

describe("the two-sided probability of Student's t", () => {
  it.each([
    // Domain facts §15, reference points.
    [2, 8, 0.080516238],
    [1.96, 1000, 0.050273185],
    // SciPy 1.9.3, ttest_ind_from_stats of its documentation; degrees of freedom of Welch's test among them.
    [0.9051358093310269, 22, 0.3751996797581487],
    [0.9358461935556048, 20.984611233429924, 0.35999818693244245],
    [0.5627187905196761, 348, 0.5739887114209541],
    [0.5661276301071694, 327.90436123021186, 0.5716942537704801],
  ])("beyond %d with %d degrees of freedom is %d", (distance, wholeDegrees, expected) => {
    expect(twoSidedProbability(distance, wholeDegrees)).toBeCloseTo(expected, 9);
  });

  it.each([
    // NIST/SEMATECH e-Handbook of Statistical Methods 1.3.6.7.2, critical values of Student's t.
    [1, 0.05, 12.706],
    [2, 0.05, 4.303],
    [5, 0.05, 2.571],
    [8, 0.05, 2.306],
    [10, 0.01, 3.169],
    [11, 0.05, 2.201],
    [30, 0.05, 2.042],
    [60, 0.01, 2.66],
    [100, 0.05, 1.984],
  ])(
    "with %d degrees of freedom falls to %d at the tabulated %d",
    (wholeDegrees, level, critical) => {
      expect(twoSidedProbability(critical - 0.0005, wholeDegrees)).toBeGreaterThan(level);
      expect(twoSidedProbability(critical + 0.0005, wholeDegrees)).toBeLessThan(level);
    },
  );

  it("equals the finite sums for whole degrees of freedom", () => {
    fc.assert(
      fc.property(t, fc.integer({ min: 1, max: 400 }), (distance, wholeDegrees) => {
        const expected = 1 - within(distance, wholeDegrees);
        expect(Math.abs(twoSidedProbability(distance, wholeDegrees) - expected)).toBeLessThan(
          1e-12,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    // The same sums in decimal arithmetic of 80 digits (Python 3).
    [400, 10, 3.663546409556747e-21],
    [2_000, 1, 0.3174314781007433],
    [10_000, 0.1, 0.9203463300310749],
    [10_000, 1.5, 0.13364597182361962],
    [10_000, 5, 5.830326613662647e-7],
  ])("keeps its digits with %d degrees of freedom at %d", (many, distance, expected) => {
    expectRelative(twoSidedProbability(distance, many), expected, 1e-10);
  });

  it("keeps its digits far out, where the sums have lost theirs", () => {
    // 1 degree of freedom is Cauchy's distribution; 2 and 4 have closed forms without a difference.
    for (const far of [10, 1e3, 1e6]) {
      expectRelative(twoSidedProbability(far, 1), (2 / Math.PI) * Math.atan(1 / far), 1e-12);
      const root = Math.sqrt(2 + far * far);
      expectRelative(twoSidedProbability(far, 2), 2 / (root * (root + far)), 1e-12);
    }
  });

  it("falls with the distance, is the same on both sides and lies between 0 and 1", () => {
    fc.assert(
      fc.property(t, t, degrees, (one, other, some) => {
        const [near, far] = [Math.min(one, other), Math.max(one, other)];
        const [nearer, farther] = [twoSidedProbability(near, some), twoSidedProbability(far, some)];
        expect(farther).toBeLessThanOrEqual(nearer * (1 + 1e-11));
        expect(twoSidedProbability(-far, some)).toBe(farther);
        expect(farther).toBeGreaterThanOrEqual(0);
        expect(nearer).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is 1 at 0, 0 at infinity and does not exist without degrees of freedom", () => {
    expect(twoSidedProbability(0, 3)).toBe(1);
    expect(twoSidedProbability(Number.NEGATIVE_INFINITY, 3)).toBe(0);
    expect(twoSidedProbability(1e200, 3)).toBeLessThan(1e-300);
    expect(() => twoSidedProbability(1, 0)).toThrow(RangeError);
    expect(() => twoSidedProbability(Number.NaN, 3)).toThrow(RangeError);
  });
});
