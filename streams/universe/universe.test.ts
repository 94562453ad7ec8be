import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findFloatPath } from "../gates/float-path.ts";
import { judgeHardGates } from "../gates/hard-gates.ts";
import { PROFILE_NAMES, PROFILES, thresholdsFor } from "../gates/profiles.ts";
import { arbitraryFeatures } from "../testing/arbitrary-features.ts";
import { featuresOf } from "../testing/features-builder.ts";
import {
  dailyDollarVolume,
  isEvaluated,
  parseUniverse,
  universeText,
  WHOLE_UNIVERSE,
} from "./universe.ts";

const symbols = fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,5}$/), { maxLength: 180 });
const reduced = fc.record({ floorUsd: fc.integer({ min: 1, max: 1e15 - 1 }), keep: symbols });

describe("a universe as text", () => {
  it("is read as it was written, and fits a decision with as many symbols as it may keep", () => {
    fc.assert(
      fc.property(reduced, (universe) => {
        expect(parseUniverse(universeText(universe))).toEqual(universe);
      }),
    );
    const longest = Array.from({ length: 180 }, (_, index) => `LONGEST${100 + index}`);
    const text = universeText({ floorUsd: 1e15 - 1, keep: longest });
    expect(parseUniverse(text)?.keep).toHaveLength(180);
    expect(text.length).toBeLessThanOrEqual(2048);
  });

  it("is every symbol for `all`", () => {
    expect(parseUniverse("all")).toEqual(WHOLE_UNIVERSE);
    expect(universeText(WHOLE_UNIVERSE)).toBe("all");
  });

  it.each([
    ...["", "0", "-5", "1.5", "1e6", "5,000", " 5", "5 ", "ALL", "9".repeat(16)],
    ...["5 keep", "5 keep ", "5 keep gme", "5 keep GME, AMC", "5 keep GME,,AMC", "keep GME"],
    `5 keep ${Array.from({ length: 181 }, (_, index) => `S${index}`).join(",")}`,
  ])("is not %j", (text) => {
    expect(parseUniverse(text)).toBeNull();
  });
});

describe("what a slot evaluates", () => {
  const traded = (dollarVolume: number | null, adv30: number | null, prevClose: number | null) =>
    featuresOf({ symbol: "GME", dollarVolume, adv30, prevClose });

  it("goes by what was traded today or is usual, whichever is more", () => {
    expect(dailyDollarVolume(traded(7, 2, 3))).toBe(7);
    expect(dailyDollarVolume(traded(5, 2, 3))).toBe(6);
    expect(dailyDollarVolume(traded(null, 2, 3))).toBe(6);
    expect(dailyDollarVolume(traded(5, null, 3))).toBe(5);
    expect(dailyDollarVolume(traded(null, 2, null))).toBeNull();
  });

  it("includes the floor, what is kept, and nothing of which nobody knows what it trades", () => {
    const floor = { floorUsd: 6, keep: [] };
    expect(isEvaluated(traded(6, null, null), floor)).toBe(true);
    expect(isEvaluated(traded(5.99, null, null), floor)).toBe(false);
    expect(isEvaluated(traded(null, null, null), floor)).toBe(false);
    expect(isEvaluated(traded(null, null, null), { floorUsd: 6, keep: ["AMC", "GME"] })).toBe(true);
    expect(isEvaluated(traded(null, null, null), WHOLE_UNIVERSE)).toBe(true);
  });

  it("loses no candidate to a floor that is no higher than the gate on dollar volume", () => {
    fc.assert(
      fc.property(arbitraryFeatures, fc.constantFrom(...PROFILE_NAMES), (features, name) => {
        const profile = PROFILES[name];
        const thresholds = thresholdsFor(profile, features.session, true);
        const universe = { floorUsd: thresholds.minDollarVolume, keep: [] };
        fc.pre(!isEvaluated(features, universe));
        const floatPath = findFloatPath(features, profile.floatPaths);
        const gates = judgeHardGates(features, thresholds, profile, floatPath);
        const { outcome } = gates.find(({ gate }) => gate === "min_dollar_volume") ?? {};
        expect(outcome).toBe("FAILED");
      }),
    );
  });
});
