import { describe, expect, it } from "vitest";
import { detected } from "../../testing/detected.ts";
import { featuresOf } from "../../testing/features-builder.ts";
import { viglPattern } from "./detect.ts";

describe("vigl pattern", () => {
  it.each([
    ["TV-VG-01", 15.2e6, 20.9, 0.18, 2.94, [1, 1, 1, 1], 1, "HIGH"],
    ["TV-VG-02", 25e6, 12, 0.22, 4.5, [0.690836, 0.759035, 0.777778, 0.815135], 0.755086, "MEDIUM"],
    ["TV-VG-03", 75e6, 3, 0.05, 20, [0.00823, 0.156975, 0.277778, 0.167317], 0.151541, "LOW"],
  ] as const)("%s gives its published parts and similarity", (...row) => {
    const [, floatShares, volumeSpike, shortFraction, price, parts, similarity, label] = row;
    const result = detected(
      viglPattern,
      featuresOf({ floatShares, volumeSpike, shortFraction, price }),
    );
    expect(result.components.map(({ value }) => value)).toEqual(
      parts.map((value) => expect.closeTo(value, 6)),
    );
    expect(result.score).toBeCloseTo(similarity, 6);
    expect(result.label).toBe(label);
  });
});
