import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf, inputOf, TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { volumeMomentum } from "./detect.ts";

const MINUTE_MS = 60_000;

/** TV-VM rows: relvol_30, relvol_5, price, VWAP, uptrend days, 5-day change, ATR fraction. */
const VECTORS = [
  ["TV-VM-01", [3.2, 4.0, 10.25, 10.0, 3, 0.12, 0.06], 0.93, "EXPLOSIVE"],
  ["TV-VM-02", [2.6, 2.5, 10.06, 10.0, 1, -0.01, 0.041], 0.53, "MODERATE"],
  ["TV-VM-03", [1.2, 1.0, 9.8, 10.0, 0, -0.06, 0.02], 0.12, "MINIMAL"],
  ["TV-VM-04", [3.0, 3.6, 10.2, 10.0, 2, 0.05, 0.05], 0.81, "EXPLOSIVE"],
] as const;

type Row = (typeof VECTORS)[number][1];

function rowFeatures([relvol30, relvol5, price, vwap, uptrendDays, priceChange5d, atrPct]: Row) {
  return { relvol30, relvol5, price, vwap, uptrendDays, priceChange5d, atrPct };
}

describe("volume momentum", () => {
  it.each(VECTORS)("%s gives its published score and label", (_, row, score, label) => {
    const result = detected(volumeMomentum, featuresOf(rowFeatures(row)));
    expect(result.score).toBeCloseTo(score, 9);
    expect(result.label).toBe(label);
    expect(result.confidence).toBeCloseTo(1, 9);
  });

  it.each([
    [10, 1],
    [11, 0.816667],
    [20, 0.666667],
    [30, 0.5],
    [50, 0.5],
  ])("TV-VM-05: a price %d minutes old leaves confidence %d", (ageMinutes, confidence) => {
    const pricedAt = TEN_O_CLOCK - ageMinutes * MINUTE_MS;
    const result = detected(
      volumeMomentum,
      featuresOf({
        ...rowFeatures(VECTORS[0][1]),
        priceAt: pricedAt,
        inputs: [
          inputOf("sessionTicks", { happenedAt: pricedAt, publishedAt: pricedAt }),
          inputOf("dailyBars"),
        ],
      }),
    );
    expect(result.confidence).toBeCloseTo(confidence, 6);
  });

  it("takes confidence down to the weight of the vendor that recorded the prices", () => {
    const result = detected(
      volumeMomentum,
      featuresOf({
        ...rowFeatures(VECTORS[0][1]),
        inputs: [
          inputOf("sessionTicks", { confidence: 0.98 }),
          inputOf("dailyBars", { confidence: 0.85 }),
        ],
      }),
    );
    expect(result.confidence).toBeCloseTo(0.85, 9);
  });

  it("renormalises over the components present and names what was null", () => {
    const result = detected(
      volumeMomentum,
      featuresOf({ ...rowFeatures(VECTORS[0][1]), vwap: null }),
    );
    // (0.36 + 0.20 + 0.07) / 0.70 of TV-VM-01 without its VWAP component.
    expect(result.score).toBeCloseTo(0.9, 9);
    expect(result.confidence).toBeCloseTo(0.7, 9);
    expect(result.missing).toEqual(["vwap"]);
    expect(result.components[1]).toEqual({
      name: "vwap_reclaim",
      value: null,
      weight: 0.3,
      reason: "vwap: no-source",
    });
  });

  it("is not ready without any input", () => {
    const result = detected(volumeMomentum, featuresOf({}));
    expect(result).toMatchObject({
      score: null,
      confidence: 0,
      label: null,
      signals: [],
      dataSources: [],
    });
  });

  it("is not ready while an overnight jump is unexplained", () => {
    const result = detected(
      volumeMomentum,
      featuresOf({ ...rowFeatures(VECTORS[0][1]), flags: ["suspect:unexplained-jump"] }),
    );
    expect(result).toMatchObject({ score: null, confidence: 0 });
    expect(result.components.map(({ reason }) => reason)).toEqual(
      Array(4).fill("suspect:unexplained-jump"),
    );
  });
});
