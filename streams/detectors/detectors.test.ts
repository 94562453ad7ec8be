import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryFeatures, REMOVABLE } from "../testing/arbitrary-features.ts";
import { detected } from "../testing/detected.ts";
import { DETECTOR_NAMES } from "./detector.ts";
import { DETECTORS } from "./registry.ts";

describe("every detector", () => {
  it("is registered once, in the fixed order", () => {
    expect(DETECTORS.map(({ name }) => name)).toEqual(DETECTOR_NAMES);
  });

  it.each(DETECTORS)("$name keeps score and confidence between 0 and 1", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        const { score, confidence, components } = detected(detector, features);
        for (const value of [
          score ?? 0,
          confidence,
          ...components.map((each) => each.value ?? 0),
        ]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        if (score === null) expect(confidence).toBe(0);
      }),
    );
  });

  it.each(DETECTORS)("$name gives the same answer to the same features", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        expect(detected(detector, features)).toEqual(detected(detector, structuredClone(features)));
      }),
    );
  });

  it.each(DETECTORS)("$name reads no input out of its order", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        expect(detected(detector, { ...features, inputs: features.inputs.toReversed() })).toEqual(
          detected(detector, features),
        );
      }),
    );
  });

  it.each(DETECTORS)("$name scores the mean of the components it has", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        const { score, components } = detected(detector, features);
        const present = components.filter(({ value }) => value !== null);
        const weights = present.reduce((sum, { weight }) => sum + weight, 0);
        const mean =
          present.reduce((sum, { weight, value }) => sum + weight * (value ?? 0), 0) / weights;
        if (score !== null) expect(score).toBeCloseTo(mean, 9);
      }),
    );
  });

  it.each(DETECTORS)("$name is never more confident when it knows less", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, fc.constantFrom(...REMOVABLE), (features, removed) => {
        const less = detected(detector, { ...features, [removed]: null });
        expect(less.confidence).toBeLessThanOrEqual(
          detected(detector, features).confidence + 1e-12,
        );
      }),
      { numRuns: 400 },
    );
  });

  it.each(DETECTORS)("$name names what it had to do without", (detector) => {
    fc.assert(
      fc.property(arbitraryFeatures, (features) => {
        const { components, missing } = detected(detector, features);
        for (const { value, reason } of components) {
          if (value !== null) continue;
          const named = (reason ?? "").split(", ").map((each) => each.split(":")[0]);
          expect(missing).toEqual(expect.arrayContaining(named));
        }
      }),
    );
  });
});
