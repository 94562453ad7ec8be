import type { ExperimentResult } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { experimentResult } from "../testing/experiment-events.ts";
import { analyse } from "./analysis.ts";

function results(strategy: string, values: readonly (number | null)[]): ExperimentResult[] {
  return values.map((value, index) => {
    const reason = value === null ? "no-candidates" : null;
    const metrics = [{ name: "mean_score", value, reason }];
    return experimentResult({ strategy, slot: index, candidates: index, metrics }).value;
  });
}

const ARMS = ["legacy_v0", "unified_detectors"];

function comparison(control: readonly (number | null)[], treatment: readonly (number | null)[]) {
  const all = [...results("legacy_v0", control), ...results("unified_detectors", treatment)];
  return analyse(ARMS, ["mean_score"], all).comparisons[0];
}

describe("the analysis of an experiment", () => {
  it("reports TV-AB-03: p, t, effect size, means, sizes and the confidence level", () => {
    const found = comparison([0.1, 0.12, 0.08, 0.11, 0.09], [0.14, 0.15, 0.13, 0.16, 0.12]);
    expect(found).toMatchObject({
      metric: "mean_score",
      control: "legacy_v0",
      treatment: "unified_detectors",
      controlSize: 5,
      treatmentSize: 5,
      verdict: "significant",
      reason: null,
      degreesOfFreedom: 8,
      confidenceLevel: 0.95,
    });
    // Treatment less control, so t and d have the sign of the difference (C-36).
    expect(found?.t).toBeCloseTo(4, 9);
    expect(found?.pValue).toBeCloseTo(0.00394977, 8);
    expect(found?.effectSize).toBeCloseTo(2.529822, 6);
    expect(found?.controlMean).toBeCloseTo(0.1, 12);
    expect(found?.treatmentMean).toBeCloseTo(0.14, 12);
  });

  it("reports TV-AB-04 as not significant", () => {
    const found = comparison([12, 15, 11, 14, 13, 16], [13, 17, 12, 15, 16, 14, 18]);
    expect(found).toMatchObject({ verdict: "not_significant", degreesOfFreedom: 11 });
    expect(found?.t).toBeCloseTo(1.325668, 6);
    expect(found?.pValue).toBeCloseTo(0.211821, 6);
    expect(found?.effectSize).toBeCloseTo(0.737534, 6);
  });

  it.each([
    ["no run at all", [], [], "too-few-values"],
    ["one run in an arm", [0.1], [0.2, 0.3], "too-few-values"],
    ["one run that has the metric", [0.1, null], [0.2, 0.3], "too-few-values"],
    ["arms of equal constants", [1, 1, 1], [1, 1], "no-scatter"],
    ["arms of different constants", [1, 1, 1], [2, 2], "no-scatter"],
  ] as const)("is insufficient with %s, and no error (R-ABT-12)", (_, before, after, reason) => {
    expect(comparison(before, after)).toMatchObject({
      verdict: "insufficient",
      reason,
      t: null,
      pValue: null,
      effectSize: null,
    });
  });

  it("counts exposures and candidates of every arm, of one that is no longer planned too", () => {
    const all = [...results("legacy_v0", [1, 2, 3]), ...results("hybrid_v1", [4])];
    expect(analyse(ARMS, [], all).arms).toEqual([
      { strategy: "hybrid_v1", exposures: 1, candidates: 0, fallbackCandidates: 0 },
      { strategy: "legacy_v0", exposures: 3, candidates: 3, fallbackCandidates: 0 },
      { strategy: "unified_detectors", exposures: 0, candidates: 0, fallbackCandidates: 0 },
    ]);
  });

  it("changes the sign of t and d with the arms, and nothing else", () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [there, back] = [comparison(one, other), comparison(other, one)];
        expect(back?.verdict).toBe(there?.verdict);
        if (there?.t == null || back?.t == null) return;
        expect(back.t).toBeCloseTo(-there.t, 6);
        expect(back.pValue).toBeCloseTo(there.pValue ?? Number.NaN, 9);
        expect(back.effectSize).toBeCloseTo(-(there.effectSize ?? Number.NaN), 6);
      }),
    );
  });
});
