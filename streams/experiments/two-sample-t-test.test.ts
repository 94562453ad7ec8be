import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohensD } from "./effect-size.ts";
import { twoSampleTTest } from "./two-sample-t-test.ts";

/** TV-AB-03 and TV-AB-04; their t is written control − treatment, ours has the sign of the effect. */
const TV_AB_03 = {
  control: [0.1, 0.12, 0.08, 0.11, 0.09],
  treatment: [0.14, 0.15, 0.13, 0.16, 0.12],
};
const TV_AB_04 = { control: [12, 15, 11, 14, 13, 16], treatment: [13, 17, 12, 15, 16, 14, 18] };
/** Documentation of scipy.stats.ttest_ind_from_stats; means 15 and 12, variances 87.5 and 39. */
const SCIPY = {
  control: [2, 4, 6, 9, 11, 13, 14, 15, 18, 19, 21],
  treatment: [1, 3, 4, 6, 11, 13, 15, 19, 22, 24, 25, 26, 26],
};

function expectTest(
  { control, treatment }: typeof TV_AB_03,
  variances: "pooled" | "separate",
  [t, degreesOfFreedom, pValue]: readonly [number, number, number],
  digits = 10,
): void {
  const result = twoSampleTTest(control, treatment, variances);
  expect(result?.t).toBeCloseTo(t, digits);
  expect(result?.degreesOfFreedom).toBeCloseTo(degreesOfFreedom, digits);
  expect(result?.pValue).toBeCloseTo(pValue, digits);
}

describe("the t-test of two samples", () => {
  it("equals TV-AB-03: significant", () => {
    expectTest(TV_AB_03, "pooled", [4, 8, 0.00394977], 8);
  });

  it("equals TV-AB-04: not significant", () => {
    expectTest(TV_AB_04, "pooled", [1.325668, 11, 0.211821], 6);
  });

  it("equals SciPy where the samples are taken to scatter alike", () => {
    expectTest(SCIPY, "pooled", [0.9051358093310269, 22, 0.3751996797581487]);
  });

  it("equals SciPy where they are not (Welch)", () => {
    expectTest(SCIPY, "separate", [0.9358461935556048, 20.984611233429924, 0.35999818693244245]);
  });

  it.each([
    // "check vs. R" in SciPy's own tests, test_ttest_ind_with_uneq_var; its t is the first sample's.
    [[1, 2, 3], 0.6864951273557258, 0.5361949075312673],
    [[1, 2, 3, 4], 0.2108663315950719, 0.8435413913160829],
  ])("equals R by Welch's way for %j", (control, t, pValue) => {
    const result = twoSampleTTest(control, [1.1, 2.9, 4.2], "separate");
    expect(result?.t).toBeCloseTo(t, 12);
    expect(result?.pValue).toBeCloseTo(pValue, 12);
  });

  it("is insufficient with one value in a sample, or without scatter", () => {
    for (const variances of ["pooled", "separate"] as const) {
      expect(twoSampleTTest([1], [1, 2, 3], variances)).toBeNull();
      expect(twoSampleTTest([1, 2, 3], [], variances)).toBeNull();
      expect(twoSampleTTest([5, 5, 5], [6, 6, 6], variances)).toBeNull();
    }
  });
});

describe("Cohen's d", () => {
  it.each([
    ["TV-AB-03", TV_AB_03, 2.529822],
    ["TV-AB-04", TV_AB_04, 0.737534],
  ])("equals %s", (_name, { control, treatment }, expected) => {
    expect(cohensD(control, treatment)).toBeCloseTo(expected, 6);
  });

  it("is insufficient with one value in a sample, or without scatter", () => {
    expect(cohensD([1], [1, 2, 3])).toBeNull();
    expect(cohensD([1, 2, 3], [4])).toBeNull();
    expect(cohensD([5, 5], [6, 6, 6])).toBeNull();
  });
});

describe("two samples", () => {
  const value = fc.integer({ min: -1_000, max: 1_000 });
  const sample = fc.array(value, { minLength: 2, maxLength: 30 });
  const variances = fc.constantFrom("pooled" as const, "separate" as const);

  it("exchanged give the same p-value and the opposite signs", () => {
    fc.assert(
      fc.property(sample, sample, variances, (one, other, estimate) => {
        const forth = twoSampleTTest(one, other, estimate);
        const back = twoSampleTTest(other, one, estimate);
        expect(back?.pValue).toBe(forth?.pValue);
        expect(back?.t ?? 0).toBeCloseTo(-(forth?.t ?? 0), 12);
        expect(cohensD(other, one) ?? 0).toBeCloseTo(-(cohensD(one, other) ?? 0), 12);
      }),
    );
  });

  it("in other units give the same figures", () => {
    fc.assert(
      fc.property(sample, sample, variances, (one, other, estimate) => {
        const scaled = (values: readonly number[]) => values.map((one) => one / 1024 + 7);
        const given = twoSampleTTest(one, other, estimate);
        const again = twoSampleTTest(scaled(one), scaled(other), estimate);
        expect(again === null).toBe(given === null);
        expect(again?.pValue ?? 1).toBeCloseTo(given?.pValue ?? 1, 9);
        expect(cohensD(scaled(one), scaled(other)) ?? 0).toBeCloseTo(cohensD(one, other) ?? 0, 9);
      }),
    );
  });

  it("of one size have the same t both ways, and Welch never has more degrees of freedom", () => {
    const pair = fc.integer({ min: 2, max: 20 }).chain((size) => {
      const sized = fc.array(value, { minLength: size, maxLength: size });
      return fc.tuple(sized, sized);
    });
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const pooled = twoSampleTTest(one, other, "pooled");
        const welch = twoSampleTTest(one, other, "separate");
        expect(welch?.t ?? 0).toBeCloseTo(pooled?.t ?? 0, 9);
        expect(welch?.degreesOfFreedom ?? 0).toBeLessThanOrEqual(
          (pooled?.degreesOfFreedom ?? 0) + 1e-9,
        );
        expect(welch?.degreesOfFreedom ?? one.length).toBeGreaterThanOrEqual(one.length - 1 - 1e-9);
      }),
    );
  });

  it("have a d that is t by the sizes alone", () => {
    fc.assert(
      fc.property(sample, sample, (one, other) => {
        const t = twoSampleTTest(one, other, "pooled")?.t ?? 0;
        const expected = t * Math.sqrt(1 / one.length + 1 / other.length);
        expect(cohensD(one, other) ?? 0).toBeCloseTo(expected, 9);
      }),
    );
  });
});
