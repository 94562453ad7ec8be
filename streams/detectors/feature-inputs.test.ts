import { describe, expect, it } from "vitest";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { featuresOf, inputOf, TEN_O_CLOCK } from "../testing/features-builder.ts";
import { inputQuality } from "./feature-inputs.ts";

const MINUTE_MS = 60_000;
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
    expect(inputQuality(features, ["shortFraction"], DEFAULT_STALENESS).confidence).toBeCloseTo(
      0.75,
      9,
    );
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
        DEFAULT_STALENESS,
      ).confidence;
    expect(at(TEN_O_CLOCK - 14 * DAY_MS)).toBe(1);
    expect(at(TEN_O_CLOCK - 21 * DAY_MS)).toBeCloseTo(Math.exp(-0.25), 9);
  });

  it.each([
    ["sessionTicks", "price", "marketMs", 60, 15],
    ["options", "atmIv", "optionsMs", 48 * 60, 24 * 60],
    ["news", "newsSentiment", "newsMs", 12 * 60, 6 * 60],
  ] as const)(
    "charges the age of %s by the limit that it is given (R-ENV-25)",
    (role, feature, name, movedMinutes, usualMinutes) => {
      const movedMs = movedMinutes * MINUTE_MS;
      const usualMs = usualMinutes * MINUTE_MS;
      const qualityAt = (ageMs: number, limits = DEFAULT_STALENESS) => {
        const at = TEN_O_CLOCK - ageMs;
        const inputs = [inputOf(role, { happenedAt: at, publishedAt: at, confidence: 1 })];
        const known = { price: 10, priceAt: at, atmIv: 0.6, newsSentiment: 0.5, intraday: true };
        const quotes = { optionsConfidence: 1, newsConfidence: 1 };
        const features = featuresOf({ ...known, ...quotes, inputs });
        return inputQuality(features, [feature], limits).confidence;
      };
      const limits = { ...DEFAULT_STALENESS, [name]: movedMs };
      expect(qualityAt(usualMs)).toBe(1);
      expect(qualityAt(usualMs + 1)).toBeLessThan(1);
      expect(qualityAt(usualMs + 1, limits)).toBe(1);
      expect(qualityAt(movedMs, limits)).toBe(1);
      expect(qualityAt(2 * movedMs, limits)).toBeCloseTo(Math.exp(-0.5), 9);
    },
  );

  it("weighs an input nobody named as an unknown provider", () => {
    expect(
      inputQuality(featuresOf({ price: 10, inputs: [] }), ["price"], DEFAULT_STALENESS),
    ).toEqual({
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
    expect(inputQuality(features, ["floatShares"], DEFAULT_STALENESS)).toEqual({
      confidence: 0.9,
      sources: ["filing"],
      roles: ["sharesOutstanding"],
    });
  });
});
