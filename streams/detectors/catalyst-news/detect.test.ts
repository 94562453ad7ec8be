import { describe, expect, it } from "vitest";
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
    expect(catalystNews.detect(featuresOf(known)).score).toBeCloseTo(0.654755, 6);
  });

  it("is absent without a stated polarity, however unusual the volume", () => {
    const result = catalystNews.detect(featuresOf({ ...known, newsSentiment: null }));
    expect(result).toMatchObject({ score: null, confidence: 0, label: null });
  });

  it("gains 15 % of confidence from a second outlet", () => {
    const one = catalystNews.detect(featuresOf({ ...known, newsSources: 1 }));
    expect(one.confidence).toBeCloseTo(0.8, 9);
    expect(catalystNews.detect(featuresOf(known)).confidence).toBeCloseTo(0.92, 9);
  });
});
