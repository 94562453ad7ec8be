import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf, inputOf } from "../../testing/features-builder.ts";
import { squeeze } from "./detect.ts";

const TV_SQ_01 = {
  floatShares: 15.2e6,
  sharesOutstanding: 40e6,
  floatRatio: 0.38,
  shortFraction: 0.18,
  shortVolumeFraction: 0.52,
  daysToCover: 5.472,
  failsToDeliverFlag: false,
  thresholdFlag: false,
  volumeSpike: 5.5,
  relvol30: 3.2,
};

const TV_SQ_02 = {
  floatShares: 120e6,
  sharesOutstanding: 150e6,
  floatRatio: 0.8,
  shortVolumeFraction: 0.3,
  volumeSpike: 1.2,
  relvol30: 0.9,
  ivPercentile: 15,
  atmIv: 0.7,
  callPutRatio: 3.2,
  optionsConfidence: 1,
};

describe("squeeze", () => {
  it("TV-SQ-01: scores 0.7375 with the options part dropped, a strong short squeeze", () => {
    const result = detected(squeeze, featuresOf(TV_SQ_01));
    expect(result.score).toBeCloseTo(0.7375, 9);
    expect(result.label).toBe("SHORT_SQUEEZE:STRONG");
    expect(result.components.map(({ name, value }) => [name, value])).toEqual([
      ["float", expect.closeTo(0.9, 9)],
      ["short_metrics", expect.closeTo(0.55, 9)],
      ["options_gamma", null],
      ["volume_pressure", 1],
    ]);
    expect(result.signals).toContain("volume-spike-extreme");
    expect(result.missing).toEqual(["atmIv", "callPutRatio", "ivPercentile"]);
  });

  it("TV-SQ-02: scores 0.34 from short volume and options alone, developing", () => {
    const result = detected(squeeze, featuresOf(TV_SQ_02));
    expect(result.score).toBeCloseTo(0.34, 9);
    expect(result.label).toBe("GAMMA_SQUEEZE:DEVELOPING");
    expect(result.components[2]?.value).toBeCloseTo(0.7, 9);
  });

  it.each([
    [10e6, 1],
    [10e6 + 1, 0.8],
    [25e6, 0.8],
    [75e6, 0.6],
    [75e6 + 1, 0.4],
    [150e6 - 1, 0.4],
    [150e6, 0.3],
  ])("reads a float of %d shares as %d", (floatShares, value) => {
    expect(detected(squeeze, featuresOf({ floatShares })).components[0]?.value).toBe(value);
  });

  it("is more confident in short interest from FINRA than from another vendor", () => {
    const known = { floatShares: 15.2e6, shortFraction: 0.18, volumeSpike: 5.5, relvol30: 3.2 };
    const roles = [inputOf("sessionTicks"), inputOf("dailyBars"), inputOf("floatShares")];
    const finra = detected(
      squeeze,
      featuresOf({ ...known, inputs: [...roles, inputOf("shortInterest")] }),
    );
    const other = detected(
      squeeze,
      featuresOf({ ...known, inputs: [...roles, inputOf("shortInterest", { source: "vendor" })] }),
    );
    // 0.25 float + 0.30 or 0.20 short interest + 0.20 volume + 0.03 per provider.
    expect(finra.confidence).toBeCloseTo(0.81, 9);
    expect(other.confidence).toBeCloseTo(0.68, 9);
  });

  it("two extreme signals make it explosive", () => {
    const result = detected(squeeze, featuresOf({ ...TV_SQ_01, shortFraction: 1.02 }));
    expect(result.label).toBe("SHORT_SQUEEZE:EXPLOSIVE");
    expect(result.signals).toContain("short-interest-extreme");
  });

  it("short and options signals together are a hybrid squeeze, none is a float squeeze", () => {
    expect(detected(squeeze, featuresOf({ ...TV_SQ_01, callPutRatio: 3.2 })).label).toMatch(
      /^HYBRID/,
    );
    expect(detected(squeeze, featuresOf({ floatShares: 20e6 })).label).toBe("FLOAT_SQUEEZE:STRONG");
    expect(detected(squeeze, featuresOf({ floatShares: 80e6 })).label).toBe(
      "VOLUME_SQUEEZE:DEVELOPING",
    );
  });
});
