import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf } from "../../testing/features-builder.ts";
import { technicals } from "./detect.ts";

describe("technicals", () => {
  it("TV-TE-01: scores 0.90", () => {
    const result = detected(
      technicals,
      featuresOf({ ema9: 10.2, ema20: 9.9, rsi14: 65, price: 10.25, vwap: 10, high20: 10.3 }),
    );
    expect(result.score).toBeCloseTo(0.9, 9);
    expect(result.signals).toEqual(["ema9-above-ema20", "rsi-in-band", "vwap-reclaimed"]);
  });

  it("TV-TE-02: scores 0.650404", () => {
    const result = detected(
      technicals,
      featuresOf({ ema9: 9.95, ema20: 9.9, rsi14: 74, price: 10.06, vwap: 10, high20: 10.06 }),
    );
    expect(result.score).toBeCloseTo(0.650404, 6);
    expect(result.components.map(({ value }) => value)).toEqual([
      expect.closeTo(0.70101, 6),
      expect.closeTo(0.6, 9),
      0.7,
      0.5,
    ]);
  });

  it.each([
    [50, 0],
    [55, 0.5],
    [60, 1],
    [70, 1],
    [75, 0.5],
    [80, 0],
    [12, 0],
    [95, 0],
  ])("reads an RSI of %d as %d", (rsi14, value) => {
    expect(detected(technicals, featuresOf({ rsi14 })).components[1]?.value).toBeCloseTo(value, 9);
  });
});
