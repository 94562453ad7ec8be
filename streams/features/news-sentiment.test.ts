import { describe, expect, it } from "vitest";
import { newsSentiment, nextEvent } from "./news-sentiment.ts";
import type { KnownNews } from "./reference-state.ts";

const NOW = Date.UTC(2021, 0, 13, 15);
const HOUR_MS = 3_600_000;

function item(fields: Partial<KnownNews> & { ageHours?: number }): KnownNews {
  const { ageHours = 0, ...rest } = fields;
  const publishedAt = NOW - ageHours * HOUR_MS;
  return {
    id: "00000000-0000-8000-8000-000000000000",
    source: "test",
    confidence: 0.9,
    happenedAt: publishedAt,
    publishedAt,
    capturedAt: publishedAt,
    simulated: false,
    polarity: null,
    credibility: null,
    eventAt: null,
    ...rest,
  };
}

describe("news sentiment", () => {
  it("weighs polarity with credibility and age (TV-CN-01: 0.527273)", () => {
    const sentiment = newsSentiment(
      [
        item({ source: "Reuters", polarity: 0.6, credibility: 0.9 }),
        item({ source: "Twitter", polarity: 0.2, credibility: 0.4, ageHours: 6 }),
      ],
      NOW,
    );
    expect(sentiment?.value).toBeCloseTo(0.527273, 6);
    expect(sentiment?.outlets).toBe(2);
  });

  it("is null where no item states a polarity, and never negative", () => {
    expect(newsSentiment([item({})], NOW)).toBeNull();
    expect(newsSentiment([item({ polarity: -0.8 })], NOW)?.value).toBe(0);
  });

  it("ignores items older than a day", () => {
    expect(newsSentiment([item({ polarity: 1, ageHours: 24.01 })], NOW)).toBeNull();
    expect(newsSentiment([item({ polarity: 1, ageHours: 24 })], NOW)?.value).toBe(1);
  });

  it("finds the nearest event that is still ahead", () => {
    const past = item({ eventAt: NOW - HOUR_MS });
    const near = item({ eventAt: NOW + 4 * 24 * HOUR_MS });
    const far = item({ eventAt: NOW + 9 * 24 * HOUR_MS });
    expect(nextEvent([far, past, near], NOW)?.days).toBeCloseTo(4, 12);
    expect(nextEvent([past], NOW)).toBeNull();
  });
});
