import { describe, expect, it } from "vitest";
import { featuresOf } from "../../testing/features-builder.ts";
import { borrowStress } from "./borrow-stress.ts";

function stressOf(
  shortVolumeFraction: number | null,
  daysToCover: number | null,
  shortFraction: number | null,
  failsToDeliverFlag: boolean | null = false,
  thresholdFlag: boolean | null = false,
) {
  return borrowStress(
    featuresOf({
      shortVolumeFraction,
      daysToCover,
      shortFraction,
      failsToDeliverFlag,
      thresholdFlag,
    }),
  );
}

describe("borrow stress", () => {
  it.each([
    ["TV-BO-01", 0.52, 5.472, 0.18, false, false, 48.5, "MODERATE", 0.75],
    ["TV-BO-02", 0.523, 12.5, 0.285, true, false, 70, "HIGH", 0.8],
    ["TV-BO-03", 0.7, 16, 0.45, true, true, 100, "EXTREME", 0.8],
    ["TV-BO-04", 0.18, 1.5, 0.04, false, false, 0, "LOW", 0.75],
  ] as const)("%s gives its published stress, level and confidence", (...row) => {
    const [, svr, cover, fraction, fails, threshold, stress, level, confidence] = row;
    const result = stressOf(svr, cover, fraction, fails, threshold);
    expect(result?.stress).toBeCloseTo(stress, 9);
    expect(result?.level).toBe(level);
    expect(result?.confidence).toBeCloseTo(confidence, 9);
  });

  it("needs two of its three metrics", () => {
    expect(stressOf(0.52, null, null)).toBeNull();
    expect(stressOf(0.52, 5.472, null)).not.toBeNull();
  });

  it("drops an unknown flag instead of reading it as not raised", () => {
    // (24 + 12.5 + 12) / 0.75 of TV-BO-01 without its two flags.
    expect(stressOf(0.52, 5.472, 0.18, null, null)?.stress).toBeCloseTo(48.5 / 0.75, 9);
  });
});
