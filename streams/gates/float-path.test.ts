import type { Features } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { featuresOf } from "../testing/features-builder.ts";
import { findFloatPath } from "./float-path.ts";
import { PROFILES } from "./profiles.ts";

const LIMITS = PROFILES.strict.floatPaths;
const MID_ON = { ...LIMITS, midEnabled: true };

function path(known: Partial<Features>, limits = LIMITS) {
  return findFloatPath(featuresOf(known), limits);
}

/** Metrics whose stress is 48.5 (TV-BO-01) and 70.0 (TV-BO-02), apart from the short fraction. */
const STRESS_48 = {
  shortVolumeFraction: 0.52,
  daysToCover: 5.472,
  failsToDeliverFlag: false,
  thresholdFlag: false,
};
const STRESS_70 = {
  shortVolumeFraction: 0.523,
  daysToCover: 12.5,
  failsToDeliverFlag: true,
  thresholdFlag: false,
};

describe("float path", () => {
  it.each([
    ["TV-FP-01", { floatShares: 15.2e6 }, "small"],
    ["TV-FP-02", { floatShares: 75e6 }, "small"],
    [
      "TV-FP-05",
      { floatShares: 200e6, shortFraction: 0.22, borrowFee: 0.25, utilisation: 0.9 },
      "large",
    ],
  ] as const)("%s holds with full confidence", (_, known, expected) => {
    expect(path(known)).toEqual({ path: expected, confidenceFactor: 1 });
  });

  it("TV-FP-03, TV-FP-04: a mid float with short interest and news passes only with mid on", () => {
    const known = { floatShares: 100e6, shortFraction: 0.15, newsSentiment: 0.5 };
    expect(path(known).path).toBeNull();
    expect(path(known, MID_ON).path).toBe("mid");
  });

  it.each([{ shortFraction: 0.12 }, { borrowFee: 0.1 }, { utilisation: 0.75 }])(
    "mid holds at the limit of %o and not without a catalyst",
    (pressure) => {
      const known = { floatShares: 100e6, ...pressure };
      expect(path({ ...known, socialRank: 0.85 }, MID_ON).path).toBe("mid");
      expect(path({ ...known, callPutRatio: 2.5 }, MID_ON).path).toBe("mid");
      expect(path({ ...known, socialRank: 0.849, callPutRatio: 2.49 }, MID_ON).path).toBeNull();
      expect(path({ floatShares: 100e6, socialRank: 0.85 }, MID_ON).path).toBeNull();
    },
  );

  it("TV-FP-06: borrow stress stands in for an unknown fee and utilisation, at 0.60 confidence", () => {
    const known = { floatShares: 200e6, shortFraction: 0.22 };
    expect(path({ ...known, ...STRESS_48 }).path).toBeNull();
    expect(path({ ...known, ...STRESS_70 })).toEqual({ path: "large", confidenceFactor: 0.6 });
  });

  it("does not let stress outvote a fee that is known to be low", () => {
    const known = { floatShares: 200e6, shortFraction: 0.22, ...STRESS_70 };
    expect(path({ ...known, borrowFee: 0.01 }).path).toBeNull();
  });

  it("has none without any figure for the float", () => {
    expect(path({ shortFraction: 0.5 }).path).toBeNull();
  });
});
