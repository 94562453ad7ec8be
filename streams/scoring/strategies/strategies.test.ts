import { describe, expect, it } from "vitest";
import { DETECTOR_NAMES, type DetectorName } from "../../detectors/detector.ts";
import { DETECTORS } from "../../detectors/registry.ts";
import { PROFILES } from "../../gates/profiles.ts";
import { DEFAULT_STALENESS } from "../../market/shelf-life.ts";
import { detected } from "../../testing/detected.ts";
import { featuresOf, PASSING } from "../../testing/features-builder.ts";
import { type PresetName, weightsFor } from "../presets.ts";
import { STRATEGIES } from "./registry.ts";
import type { Opinion, StrategyName } from "./strategy.ts";

const TV_HY_01 = {
  relvol30: 5,
  uptrendDays: 4,
  price: 10.25,
  vwap: 10,
  atrPct: 0.07,
  floatShares: 15.2e6,
  shortFraction: 0.18,
  borrowFee: 0.3,
  utilisation: 0.9,
  newsSentiment: 0.6,
  newsConfidence: 1,
  socialRank: 0.8,
  callPutRatio: 2.2,
  ivPercentile: 85,
  optionsConfidence: 1,
  ema9: 10.2,
  ema20: 9.9,
  rsi14: 65,
};

function evaluate(
  name: StrategyName,
  known: Parameters<typeof featuresOf>[0],
  preset: PresetName = "balanced_default",
) {
  const features = featuresOf(known);
  const find = (wanted: DetectorName): Opinion => {
    const detector = DETECTORS.find((each) => each.name === wanted);
    if (detector === undefined) throw new Error(`no detector ${wanted}`);
    return detected(detector, features);
  };
  const [momentum, squeeze, catalyst, options, technicals, vigl] = DETECTOR_NAMES;
  return STRATEGIES[name].evaluate({
    features,
    staleness: DEFAULT_STALENESS,
    opinions: {
      [momentum]: find(momentum),
      [squeeze]: find(squeeze),
      [catalyst]: find(catalyst),
      [options]: find(options),
      [technicals]: find(technicals),
      [vigl]: find(vigl),
    },
    weights: weightsFor(preset, "REGULAR", true),
    thresholds: PROFILES.strict.sessions.REGULAR,
  });
}

describe("hybrid_v1", () => {
  it("TV-HY-01: gives its published sub-scores", () => {
    const { contributions } = evaluate("hybrid_v1", TV_HY_01);
    const scores = [0.579545, 0.6975, 0.9, 0.46, 1];
    expect(contributions.map(({ score }) => score)).toEqual(
      scores.map((score) => expect.closeTo(score, 6)),
    );
  });

  it.each([
    ["balanced_default", 0.703216],
    ["squeeze_aggressive", 0.693989],
    ["catalyst_heavy", 0.724364],
  ] as const)("TV-HY-01: with %s gives %d", (preset, score) => {
    expect(evaluate("hybrid_v1", TV_HY_01, preset).score).toBeCloseTo(score, 6);
  });

  it("drops what free data does not have", () => {
    const known = { ...TV_HY_01, borrowFee: null, utilisation: null };
    const squeeze = evaluate("hybrid_v1", known).contributions[1];
    // (0.35 x 1 + 0.35 x 0.45) / 0.70
    expect(squeeze?.score).toBeCloseTo(0.725, 9);
    expect(squeeze?.confidence).toBeCloseTo(0.7, 9);
  });
});

describe("legacy_v0", () => {
  it("ranks by likeness to the pattern and labels by limits of its own", () => {
    const known = { floatShares: 25e6, volumeSpike: 12, shortFraction: 0.22, price: 4.5 };
    const { score, contributions } = evaluate("legacy_v0", known);
    expect(score).toBeCloseTo(0.755086, 6);
    expect(contributions.map(({ detector }) => detector)).toEqual(["vigl_pattern"]);
    expect(STRATEGIES.legacy_v0.labels).toEqual({ watchlist: 0.65, tradeReady: 0.8 });
  });
});

describe("unified_detectors", () => {
  it("splits the score over the components that gave it", () => {
    const { score, strengths } = evaluate("unified_detectors", PASSING);
    const sum = [...strengths.values()].reduce((total, strength) => total + strength, 0);
    expect(sum).toBeCloseTo(score ?? Number.NaN, 9);
    expect(strengths.has("volume_momentum.relvol")).toBe(true);
  });
});
