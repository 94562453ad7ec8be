import { describe, expect, it } from "vitest";
import { features } from "../testing/projected-events.ts";
import { volatilityRun } from "./volatility-run.ts";

const ranked = (symbol: string) => features({ symbol, ivPercentile: 40, missing: [] }).value;
const unranked = (symbol: string, reason: string) =>
  features({
    ...{ symbol, ivPercentile: null },
    missing: [{ feature: "ivPercentile", reason, have: null, need: null }],
  }).value;

describe("a look at percentiles of implied volatility (R-JOB-13)", () => {
  it("counts the symbols that have one, and why others with options have none", () => {
    const newest = [
      ...[ranked("GME"), ranked("AMC"), unranked("KOSS", "warming-up")],
      ...[unranked("NOK", "warming-up"), unranked("BB", "unusable-quote")],
    ];
    const { reasons, ...counts } = volatilityRun(newest);
    expect(counts).toEqual({ processed: 5, successful: 2, failed: 3 });
    expect([...reasons]).toEqual([
      ["warming-up", 2],
      ["unusable-quote", 1],
    ]);
  });

  it("takes those present of 200 whose collection goes on, and the rest later", () => {
    const symbols = Array.from({ length: 200 }, (_, index) => `S${index}`);
    const at = (collected: number) =>
      volatilityRun(
        symbols.map((symbol, index) =>
          index < collected ? ranked(symbol) : unranked(symbol, "no-source"),
        ),
      );
    expect(at(150)).toMatchObject({ processed: 150, successful: 150, failed: 0 });
    expect(at(200)).toMatchObject({ processed: 200, successful: 200, failed: 0 });
  });
});
