import { describe, expect, it } from "vitest";
import { featuresOf, TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { catalystNews } from "./detect.ts";
import { newsConsensus } from "./sentiment.ts";

const HOUR_MS = 3_600_000;
const HEADLINES = [
  { source: "reuters", publishedAt: TEN_O_CLOCK, polarity: 0.6, credibility: 0.9 },
  { source: "twitter", publishedAt: TEN_O_CLOCK - 6 * HOUR_MS, polarity: 0.2, credibility: 0.4 },
];

describe("news consensus", () => {
  it("TV-CN-01: weighs by credibility, halved after six hours", () => {
    expect(newsConsensus(HEADLINES, TEN_O_CLOCK)?.sentiment).toBeCloseTo(0.58 / 1.1, 9);
    expect(newsConsensus(HEADLINES, TEN_O_CLOCK)?.sources).toBe(2);
  });

  it("ignores items older than a day and items of the future", () => {
    const old = { ...HEADLINES[0], source: "old", polarity: 0, credibility: 1 };
    const items = [
      ...HEADLINES,
      { ...old, publishedAt: TEN_O_CLOCK - 24 * HOUR_MS - 1 },
      { ...old, publishedAt: TEN_O_CLOCK + 1 },
    ];
    expect(newsConsensus(items, TEN_O_CLOCK)).toEqual(newsConsensus(HEADLINES, TEN_O_CLOCK));
    expect(newsConsensus([], TEN_O_CLOCK)).toBeNull();
  });
});

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
