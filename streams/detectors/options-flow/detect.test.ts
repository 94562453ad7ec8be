import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf } from "../../testing/features-builder.ts";
import { optionsFlow } from "./detect.ts";

const TV_OF_01 = {
  price: 10,
  gammaWallStrike: 10.5,
  callPutRatio: 2.2,
  ivPercentile: 20,
  nextEventDays: 14,
  optionsVolumeRatio: 2.5,
  optionsConfidence: 0.8,
};

describe("options flow", () => {
  it("TV-OF-01: scores 0.575", () => {
    const result = detected(optionsFlow, featuresOf(TV_OF_01));
    expect(result.score).toBeCloseTo(0.575, 9);
    expect(result.confidence).toBeCloseTo(0.8, 9);
    expect(result.signals).toEqual(["call-put-bullish", "iv-expansion-potential"]);
  });

  it("halves the volatility part when no dated event is known within 14 days", () => {
    const value = (nextEventDays: number | null) =>
      detected(optionsFlow, featuresOf({ ...TV_OF_01, nextEventDays })).components[2]?.value;
    expect(value(14)).toBeCloseTo(0.6, 9);
    expect(value(15)).toBeCloseTo(0.3, 9);
    expect(value(null)).toBeCloseTo(0.3, 9);
  });

  it("is not ready when only the share price is known", () => {
    expect(detected(optionsFlow, featuresOf({ price: 10 })).score).toBeNull();
  });
});
