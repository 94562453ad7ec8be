import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compose, type DetectorOpinion } from "./composite.ts";
import { compositeConfidence, sessionFactor } from "./confidence.ts";
import { labelOf } from "./labels.ts";
import { PRESET_NAMES, type PresetName, WEIGHTED_DETECTORS, weightsFor } from "./presets.ts";

type Scores = readonly [number | null, number | null, number | null, number | null, number | null];

function opinions(scores: Scores, confidences: Scores = [1, 1, 1, 1, 1]) {
  const at = (index: number): DetectorOpinion => ({
    score: scores[index] ?? null,
    confidence: confidences[index] ?? 0,
  });
  return {
    volume_momentum: at(0),
    squeeze: at(1),
    catalyst_news: at(2),
    options_flow: at(3),
    technicals: at(4),
  };
}

/** Detector scores listed with TV-CO; the squeeze value is the companion's. */
const LISTED: Scores = [0.93, 0.65, 0.654755, 0.575, 0.9];

function composite(scores: Scores, preset: PresetName = "balanced_default", premarket = false) {
  const session = premarket ? "PREMARKET" : "REGULAR";
  return compose(opinions(scores), weightsFor(preset, session, true));
}

describe("composite", () => {
  it.each([
    ["TV-CO-01", "balanced_default", 0.766451],
    ["TV-CO-02", "squeeze_aggressive", 0.739951],
    ["TV-CO-03", "catalyst_heavy", 0.740664],
  ] as const)("%s: %s gives %d", (_, preset, score) => {
    expect(composite(LISTED, preset).score).toBeCloseTo(score, 6);
  });

  it("TV-CO-04: the premarket weights are divided by their sum", () => {
    expect(composite(LISTED, "balanced_default", true).score).toBeCloseTo(0.775668, 6);
  });

  it("TV-CO-05: a missing detector drops out and costs its weight in confidence", () => {
    const result = composite([0.93, 0.65, null, 0.575, 0.9]);
    expect(result.score).toBeCloseTo(0.794375, 9);
    expect(result.confidence).toBeCloseTo(0.8, 9);
    expect(result.contributions[2]).toEqual({
      detector: "catalyst_news",
      score: null,
      weight: expect.closeTo(0.2, 9),
      contribution: null,
      confidence: null,
    });
  });

  it("TV-CO-06: the squeeze score without invented options data gives 0.788326", () => {
    expect(composite([0.93, 0.7375, 0.654755, 0.575, 0.9]).score).toBeCloseTo(0.788326, 6);
  });

  it("TV-CF-04: confidence is the weighted mean of the detectors times the weight present", () => {
    const given = opinions([0.9, 0.7, null, null, 0.9], [0.98, 0.95, null, null, 0.98]);
    const { confidence } = compose(given, weightsFor("balanced_default", "REGULAR", true));
    expect(confidence).toBeCloseTo(0.6785, 9);
  });

  it("has no score when no detector is ready", () => {
    expect(composite([null, null, null, null, null])).toMatchObject({ score: null, confidence: 0 });
  });

  it("stays between 0 and 1, and its contributions add up to it", () => {
    const score = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
    const preset = fc.constantFrom(...PRESET_NAMES);
    fc.assert(
      fc.property(fc.tuple(score, score, score, score, score), preset, fc.boolean(), (...drawn) => {
        const result = composite(...drawn);
        if (result.score === null) return;
        const sum = result.contributions.reduce(
          (total, each) => total + (each.contribution ?? 0),
          0,
        );
        expect(sum).toBeCloseTo(result.score, 9);
        expect(result.score).toBeLessThanOrEqual(1 + 1e-12);
        expect(result.confidence).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe("weights", () => {
  it.each(PRESET_NAMES)("of %s sum to 1 in every session", (preset) => {
    for (const session of ["PREMARKET", "REGULAR", "AFTERHOURS"] as const) {
      const weights = weightsFor(preset, session, true);
      const sum = WEIGHTED_DETECTORS.reduce((total, name) => total + weights[name], 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it("are those of the regular session before the open when overrides are off", () => {
    expect(weightsFor("balanced_default", "PREMARKET", false)).toEqual(
      weightsFor("balanced_default", "REGULAR", true),
    );
  });
});

describe("confidence", () => {
  it.each([
    ["TV-CF-01", 0.9 * 0.98 * 0.606531, "REGULAR", 1, 0.53496],
    ["TV-CF-02", 0.95 * 0.75, "PREMARKET", 0.85, 0.7125],
    ["TV-CF-03", 0.98, "AFTERHOURS", 0.7, 0.7],
  ] as const)("%s is the least of data, session and soft gates", (...row) => {
    const [, data, session, softFactor, expected] = row;
    expect(
      compositeConfidence({ data, sessionFactor: sessionFactor(session), softFactor }),
    ).toBeCloseTo(expected, 6);
  });
});

describe("labels", () => {
  const limits = { watchlist: 0.7, tradeReady: 0.75 };

  it("include their limits", () => {
    expect(labelOf(0.6999, limits)).toBe("NONE");
    expect(labelOf(0.7, limits)).toBe("WATCHLIST");
    expect(labelOf(0.7499, limits)).toBe("WATCHLIST");
    expect(labelOf(0.75, limits)).toBe("TRADE_READY");
  });

  it("do not hang on the last digit of a sum", () => {
    expect(labelOf(0.7 - Number.EPSILON, limits)).toBe("WATCHLIST");
  });
});
