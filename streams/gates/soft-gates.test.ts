import { describe, expect, it } from "vitest";
import { featuresOf, inputOf, PASSING, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { atLeast } from "./gate-results.ts";
import { isNearPass } from "./near-pass.ts";
import { PROFILES } from "./profiles.ts";
import { judgeSoftGates, softGatesOf } from "./soft-gates.ts";

const PROVIDERS = ["short-interest", "market-data", "options"];

describe("soft gates", () => {
  it.each([
    ["TV-SG-01", 30, 0, 1],
    ["TV-SG-02", 120, 0, 0.9],
    ["TV-SG-03", 180, 1, 0.65],
    ["TV-SG-04", 60, 2, 0.7],
    ["TV-SG-05", 900, 3, 0.1],
  ])("%s: %d minutes and %d missing providers leave %d", (_, age, missing, factor) => {
    expect(softGatesOf(age, PROVIDERS.slice(0, missing)).factor).toBeCloseTo(factor, 9);
  });

  it("charge the providers whose figures are missing and say which", () => {
    const { factor, penalties } = judgeSoftGates(featuresOf(PASSING));
    expect(factor).toBeCloseTo(0.7, 9);
    expect(penalties.map(({ detail }) => detail)).toEqual(["short-interest", "options"]);
  });

  it("charge a key input of low confidence once", () => {
    const inputs = [
      inputOf("sessionTicks", { confidence: 0.49 }),
      inputOf("shortInterest", { confidence: 0.4 }),
      inputOf("news", { confidence: 0.1 }),
    ];
    const known = { ...PASSING, sharesShort: 1e6, callPutRatio: 1.1, inputs };
    const { factor, penalties } = judgeSoftGates(featuresOf(known));
    expect(factor).toBeCloseTo(0.8, 9);
    expect(penalties[0]?.detail).toBe("sessionTicks, shortInterest");
  });

  it("charge the age of the last price pro rata beyond the first hour", () => {
    const known = { ...PASSING, sharesShort: 1e6, callPutRatio: 1.1 };
    const priceAt = TEN_O_CLOCK - 90 * 60_000;
    expect(judgeSoftGates(featuresOf({ ...known, priceAt })).factor).toBeCloseTo(0.95, 9);
  });
});

describe("a near pass", () => {
  const limits = PROFILES.strict.softPass;
  const strong = featuresOf({ ...PASSING, newsSentiment: 0.85 });

  it("misses relative volume by less than a tenth with a strong catalyst", () => {
    const gates = (relvol: number) => [atLeast("min_relvol_30", "relvol_30", relvol, 2.5)];
    expect(isNearPass(strong, gates(2.3), limits)).toBe(true);
    expect(isNearPass(strong, gates(2.24), limits)).toBe(false);
    expect(isNearPass(featuresOf(PASSING), gates(2.3), limits)).toBe(false);
    expect(isNearPass(strong, gates(2.5), limits)).toBe(false);
  });

  it("forgives no other gate", () => {
    const gates = [atLeast("min_volume_spike", "volume_spike", 1.49, 1.5)];
    expect(isNearPass(strong, gates, limits)).toBe(false);
  });
});
