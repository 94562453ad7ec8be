import { describe, expect, it } from "vitest";
import { DEFAULT_STALENESS, freshnessFactor, isStale, shelfLifeOf } from "./shelf-life.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const HAPPENED = Date.UTC(2021, 0, 12, 21);
/** Later than what it states, as figures of FINRA are. */
const PUBLISHED = HAPPENED + 10 * DAY_MS;
const TIMES = { happenedAt: HAPPENED, publishedAt: PUBLISHED };

describe("information", () => {
  it.each([
    // Domain facts §6: market 15 minutes, options 24 hours, news 6 hours, daily short volume 36 hours.
    ["sessionTicks", HAPPENED, 15 * MINUTE_MS],
    ["options", HAPPENED, 24 * HOUR_MS],
    ["news", PUBLISHED, 6 * HOUR_MS],
    ["shortVolume", PUBLISHED, 36 * HOUR_MS],
    // §8: 14 days, counted from publication.
    ["shortInterest", PUBLISHED, 14 * DAY_MS],
  ] as const)(
    "of kind %s is fresh up to its limit and stale one millisecond later",
    (shelf, from, maxAgeMs) => {
      expect(isStale(shelf, TIMES, from + maxAgeMs, DEFAULT_STALENESS)).toBe(false);
      expect(isStale(shelf, TIMES, from + maxAgeMs + 1, DEFAULT_STALENESS)).toBe(true);
    },
  );

  it.each([
    ["sessionTicks", HAPPENED, "marketMs"],
    ["options", HAPPENED, "optionsMs"],
    ["news", PUBLISHED, "newsMs"],
  ] as const)(
    "of kind %s ages by the limit that an operator gives (R-ENV-25)",
    (shelf, from, name) => {
      const limits = { ...DEFAULT_STALENESS, [name]: 60 * MINUTE_MS };
      expect(isStale(shelf, TIMES, from + 60 * MINUTE_MS, limits)).toBe(false);
      expect(isStale(shelf, TIMES, from + 60 * MINUTE_MS + 1, limits)).toBe(true);
      expect(isStale("shortVolume", TIMES, PUBLISHED + 36 * HOUR_MS, limits)).toBe(false);
    },
  );

  it("of a daily bar outlives the longest closure of the exchange: a holiday beside a weekend", () => {
    // Thursday's close to the open of Tuesday.
    const thursday = Date.UTC(2025, 3, 17, 20);
    const times = { happenedAt: thursday, publishedAt: thursday };
    expect(isStale("dailyBars", times, Date.UTC(2025, 3, 22, 13, 30), DEFAULT_STALENESS)).toBe(
      false,
    );
    expect(isStale("dailyBars", times, Date.UTC(2025, 3, 22, 20, 1), DEFAULT_STALENESS)).toBe(true);
  });

  it("that holds until the next of its kind has no limit", () => {
    expect(shelfLifeOf("corporateActions", DEFAULT_STALENESS)).toBeUndefined();
  });
});

describe("freshness", () => {
  it.each([
    [15, 15, 1],
    [30, 15, 0.606531],
    [45, 15, 0.367879],
    [60, 15, 0.22313],
    [90, 15, 0.1],
    [36, 24, 0.778801],
  ])("TV-FR-01: an age of %d with a limit of %d gives %d", (age, limit, factor) => {
    expect(freshnessFactor(age, limit)).toBeCloseTo(factor, 6);
  });
});
