import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf } from "../../testing/features-builder.ts";
import { catalystNews } from "./detect.ts";

describe("catalyst news", () => {
  const known = {
    newsSentiment: 0.58 / 1.1,
    newsSources: 2,
    newsConfidence: 0.8,
    socialRank: 0.8,
    nextEventDays: 4,
    volumeSpike: 3,
  };

  it("TV-CN-01: scores 0.654755", () => {
    expect(detected(catalystNews, featuresOf(known)).score).toBeCloseTo(0.654755, 6);
  });

  it("is absent without a stated polarity, however unusual the volume", () => {
    const result = detected(catalystNews, featuresOf({ ...known, newsSentiment: null }));
    expect(result).toMatchObject({ score: null, confidence: 0, label: null });
  });

  it("gains 15 % of confidence from a second outlet", () => {
    const one = detected(catalystNews, featuresOf({ ...known, newsSources: 1 }));
    expect(one.confidence).toBeCloseTo(0.8, 9);
    expect(detected(catalystNews, featuresOf(known)).confidence).toBeCloseTo(0.92, 9);
  });
});
