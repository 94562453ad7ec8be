import { describe, expect, it } from "vitest";
import { featuresOf, inputOf, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { inputQuality } from "./feature-inputs.ts";

const DAY_MS = 86_400_000;

describe("input quality", () => {
  it("is the worst of the inputs that entered", () => {
    const features = featuresOf({
      shortFraction: 0.18,
      inputs: [
        inputOf("shortInterest", { confidence: 0.95 }),
        inputOf("floatShares", { confidence: 0.75 }),
        inputOf("options", { confidence: 0.1 }),
      ],
    });
    expect(inputQuality(features, ["shortFraction"]).confidence).toBeCloseTo(0.75, 9);
  });

  it("counts the age of short interest from its publication, not its settlement", () => {
    const at = (publishedAt: number) =>
      inputQuality(
        featuresOf({
          daysToCover: 5,
          inputs: [
            inputOf("shortInterest", { happenedAt: TEN_O_CLOCK - 27 * DAY_MS, publishedAt }),
          ],
        }),
        ["daysToCover"],
      ).confidence;
    expect(at(TEN_O_CLOCK - 14 * DAY_MS)).toBe(1);
    expect(at(TEN_O_CLOCK - 21 * DAY_MS)).toBeCloseTo(Math.exp(-0.25), 9);
  });

  it("weighs an input nobody named as an unknown provider", () => {
    expect(inputQuality(featuresOf({ price: 10, inputs: [] }), ["price"])).toEqual({
      confidence: 0.5,
      sources: [],
      roles: [],
    });
  });

  it("takes shares outstanding as the source of a bounded float", () => {
    const features = featuresOf({
      floatShares: 69.7e6,
      inputs: [inputOf("sharesOutstanding", { source: "filing", confidence: 0.9 })],
    });
    expect(inputQuality(features, ["floatShares"])).toEqual({
      confidence: 0.9,
      sources: ["filing"],
      roles: ["sharesOutstanding"],
    });
  });
});
