import { describe, expect, it } from "vitest";
import { featuresOf } from "../testing/features-builder.ts";
import { reasonsOf } from "./reasons.ts";

const STRENGTHS = new Map([
  ["volume_momentum.relvol", 0.3],
  ["squeeze.short_metrics", 0.2],
  ["volume_momentum.vwap_reclaim", 0.08],
  ["technicals.vwap_reclaim", 0.05],
  ["squeeze.float", 0.1],
]);

const KNOWN = {
  relvol30: 5.43,
  price: 25.31,
  vwap: 24.64,
  floatShares: 69.747e6,
  floatPrecision: "bound",
  shortFraction: 1.0208,
  shortPublishedAt: Date.UTC(2021, 0, 12, 23, 0),
};

describe("reasons", () => {
  it("are plain words, strongest first, and one saying of two components adds up", () => {
    expect(reasonsOf(featuresOf(KNOWN), STRENGTHS)).toEqual([
      "volume 5.4x what is usual by 10:00",
      "short interest at least 102 % of float (published 12 Jan)",
      "price 2.7 % above VWAP",
      "float at most 69.7 M shares",
    ]);
  });

  it("drop the hedge when the float is exact", () => {
    const exact = featuresOf({ ...KNOWN, floatPrecision: "exact", shortPublishedAt: null });
    expect(reasonsOf(exact, STRENGTHS)).toContain("short interest 102 % of float");
    expect(reasonsOf(exact, STRENGTHS)).toContain("float 69.7 M shares");
  });

  it("leave out what speaks against the symbol and what is unknown", () => {
    const against = featuresOf({ relvol30: 0.4, price: 24, vwap: 24.64 });
    expect(reasonsOf(against, STRENGTHS)).toEqual([]);
  });

  it("speak of the whole day for a daily bar", () => {
    const daily = featuresOf({ ...KNOWN, trigger: "DAILY" });
    expect(reasonsOf(daily, STRENGTHS)[0]).toBe("volume 5.4x that of a usual day");
  });
});
