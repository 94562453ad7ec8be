import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../market/calendar-date.ts";
import {
  accuracy,
  completeness,
  consistency,
  freshness,
  overallQuality,
  usableUntil,
} from "./quality.ts";
import { DEFAULT_SHORT_INTEREST } from "./rules.ts";

const PUBLISHED = Date.UTC(2021, 0, 12, 23);
const score = fc.double({ min: 0, max: 1, noNaN: true });
const ageless = {
  completeness: score,
  accuracy: score,
  consistency: fc.option(score, { nil: null }),
};
const parts = fc.record({ ...ageless, freshness: score });

describe("the quality of a report", () => {
  it("TV-SI-05: complete, accurate by 0.9, 18 of 14 days old, consistent by 0.95, is 0.93", () => {
    const fresh = freshness(18 * DAY_MS, DEFAULT_SHORT_INTEREST);
    expect(fresh).toBeCloseTo(0.866878, 6);
    const all = { completeness: 1, accuracy: 0.9, freshness: fresh, consistency: 0.95 };
    expect(overallQuality(all)).toBe(0.93);
  });

  it("TV-SI-06: 0.8, 0.7, 30 of 14 days, 0.6 is 0.68", () => {
    const fresh = freshness(30 * DAY_MS, DEFAULT_SHORT_INTEREST);
    expect(fresh).toBeCloseTo(0.564718, 6);
    const all = { completeness: 0.8, accuracy: 0.7, freshness: fresh, consistency: 0.6 };
    expect(overallQuality(all)).toBe(0.68);
  });

  it("counts the fields that are known, and none that is 0 as missing", () => {
    const whole = {
      sharesShort: 0,
      averageDailyVolume: 1,
      floatShares: 1,
      daysToCover: 0,
      settlementDate: "2020-12-31",
    };
    expect(completeness(whole)).toBe(1);
    expect(completeness({ ...whole, floatShares: null, daysToCover: null })).toBe(0.6);
  });

  it("is accurate by 0.7 alone, by 1 at the median, and not at all half of it away", () => {
    expect(accuracy(1, 0)).toBe(0.7);
    expect([0, 0.05, 0.25, 0.5, 3].map((deviation) => accuracy(2, deviation))).toEqual([
      1, 0.9, 0.5, 0, 0,
    ]);
  });

  it("is consistent with the report before by what did not change, and unknown without one", () => {
    expect([0, 0.05, -0.4, 1, 2.5].map(consistency)).toEqual([1, 0.95, 0.6, 0, 0]);
    expect(consistency(null)).toBeNull();
  });

  it("leaves the weight of an unknown consistency to the other parts", () => {
    const known = { completeness: 0.8, accuracy: 0.7, freshness: 1 };
    // (0.30 x 0.8 + 0.30 x 0.7 + 0.25) / 0.85
    expect(overallQuality({ ...known, consistency: null })).toBe(0.82);
    expect(overallQuality({ ...known, consistency: 0 })).toBe(0.7);
  });

  it("is a score of two decimals that grows with each part", () => {
    fc.assert(
      fc.property(parts, score, (all, other) => {
        const overall = overallQuality(all);
        expect(overall).toBeGreaterThanOrEqual(0);
        expect(overall).toBeLessThanOrEqual(1);
        expect(overall).toBe(Number(overall.toFixed(2)));
        for (const name of ["completeness", "accuracy", "freshness"] as const) {
          const better = { ...all, [name]: Math.max(all[name], other) };
          expect(overallQuality(better)).toBeGreaterThanOrEqual(overall);
        }
      }),
    );
  });
});

describe("the end of a report's use", () => {
  const at = (known: Parameters<typeof usableUntil>[0], atMs: number): number =>
    overallQuality({ ...known, freshness: freshness(atMs - PUBLISHED, DEFAULT_SHORT_INTEREST) });

  it("is the instant at which its age takes it below 0.75", () => {
    const known = { completeness: 0.8, accuracy: 0.7, consistency: 0.6 };
    // 0.54 + 0.25 f falls below 0.745 with f below 0.82, which is 19.6 days after publication.
    const until = usableUntil(known, PUBLISHED, DEFAULT_SHORT_INTEREST) ?? Number.NaN;
    expect((until - PUBLISHED) / DAY_MS).toBeCloseTo(14 * (1 - 2 * Math.log(0.82)), 6);
    expect(at(known, until - 1_000)).toBe(0.75);
    expect(at(known, until + 1_000)).toBe(0.74);
  });

  it("never comes for what is good enough at any age, nor for what never was", () => {
    const best = { completeness: 1, accuracy: 1, consistency: 1 };
    expect(usableUntil(best, PUBLISHED, DEFAULT_SHORT_INTEREST)).toBeNull();
    const poor = { completeness: 0.4, accuracy: 0.7, consistency: 0.5 };
    expect(usableUntil(poor, PUBLISHED, DEFAULT_SHORT_INTEREST)).toBeNull();
  });

  it("divides the time of every report into used and not used", () => {
    fc.assert(
      fc.property(fc.record(ageless), fc.integer({ min: 0, max: 100 }), (known, days) => {
        const until = usableUntil(known, PUBLISHED, DEFAULT_SHORT_INTEREST);
        const ever = at(known, PUBLISHED) >= DEFAULT_SHORT_INTEREST.qualityMin;
        const now = PUBLISHED + days * DAY_MS;
        if (until !== null && Math.abs(until - now) < 1_000) return;
        const isUsed = at(known, now) >= DEFAULT_SHORT_INTEREST.qualityMin;
        expect(isUsed).toBe(ever && (until === null || now < until));
      }),
    );
  });
});
