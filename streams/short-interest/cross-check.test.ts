import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossCheck, type SourceValue } from "./cross-check.ts";

const FINRA = { source: "finra", reliability: 0.95 };
const YAHOO = { source: "yahoo", reliability: 0.65 };
const POLYGON = { source: "polygon", reliability: 0.9 };
const FINTEL = { source: "fintel", reliability: 0.7 };

const values = fc
  .uniqueArray(
    fc.record({
      source: fc.string({ minLength: 1, maxLength: 3 }),
      value: fc.integer({ min: 0, max: 10_000_000 }),
      reliability: fc.double({ min: 0.1, max: 1, noNaN: true }),
    }),
    { selector: ({ source }) => source, minLength: 1, maxLength: 8 },
  )
  .map((list): readonly SourceValue[] => list);

describe("sources that state the same period", () => {
  it("TV-SI-02: three of four agree, the fourth is an outlier", () => {
    const checked = crossCheck(
      [
        { ...FINRA, value: 0.185 },
        { ...YAHOO, value: 0.19 },
        { ...POLYGON, value: 0.18 },
        { ...FINTEL, value: 0.3 },
      ],
      0,
    );
    expect(checked).toMatchObject({ level: "HIGH", confidence: 0.9, outliers: ["fintel"] });
    expect(checked.consensus).toBeCloseTo(0.1845, 6);
    const deviations = ["finra", "yahoo", "polygon", "fintel"].map((source) =>
      checked.deviations.get(source)?.toFixed(4),
    );
    expect(deviations).toEqual(["0.0133", "0.0133", "0.0400", "0.6000"]);
  });

  it("TV-SI-03: two that are 11 % from their median are believed by 0.7", () => {
    const checked = crossCheck(
      [
        { ...FINRA, value: 0.12 },
        { ...YAHOO, value: 0.15 },
      ],
      0,
    );
    expect(checked).toMatchObject({ level: "MEDIUM", confidence: 0.7, outliers: [] });
    // The vector gives six decimals, 0.132188.
    expect(checked.consensus).toBeCloseTo(0.1321875, 9);
  });

  it("are believed by 0.5 when there is one, and its figure is the consensus", () => {
    const checked = crossCheck([{ ...YAHOO, value: 1_000 }], 0);
    expect(checked).toMatchObject({
      level: "LOW",
      confidence: 0.5,
      outliers: [],
      consensus: 1_000,
    });
  });

  it("have no consensus when no two of them agree", () => {
    const two = [
      { ...FINRA, value: 1_000 },
      { ...YAHOO, value: 3_000 },
    ];
    expect(crossCheck(two, 0)).toMatchObject({ level: "LOW", consensus: null });
    expect(crossCheck([...two, { ...POLYGON, value: 9_000 }], 0).consensus).toBeNull();
  });

  it.each([
    [29.9, "MEDIUM"],
    [30, "LOW"],
    [44.9, "LOW"],
    [45, "STALE"],
  ])("are at %d days %s when two agree", (ageDays, level) => {
    const two = [
      { ...FINRA, value: 100 },
      { ...YAHOO, value: 101 },
    ];
    expect(crossCheck(two, ageDays).level).toBe(level);
  });

  it("compare with none short without dividing by it", () => {
    const list = [FINRA, POLYGON].map((one) => ({ ...one, value: 0 }));
    const checked = crossCheck([...list, { ...YAHOO, value: 500 }], 0);
    expect(checked.deviations.get("yahoo")).toBe(1);
    expect(checked).toMatchObject({ outliers: ["yahoo"], consensus: 0, level: "MEDIUM" });
  });

  it("give a consensus between those that they have, in whatever order they come", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 60 }), (list, age) => {
        const checked = crossCheck(list, age);
        const backwards = crossCheck(list.toReversed(), age);
        expect(backwards.level).toBe(checked.level);
        expect(new Set(backwards.outliers)).toEqual(new Set(checked.outliers));
        if (checked.consensus === null) return;
        const stated = list.map(({ value }) => value);
        expect(checked.consensus).toBeGreaterThanOrEqual(Math.min(...stated) * (1 - 1e-12));
        expect(checked.consensus).toBeLessThanOrEqual(Math.max(...stated) * (1 + 1e-12));
        expect(checked.consensus).toBeCloseTo(backwards.consensus ?? Number.NaN, 6);
      }),
    );
  });

  it("are believed no less for another one at the median", () => {
    const rank = ["STALE", "LOW", "MEDIUM", "HIGH"];
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 60 }), (list, age) => {
        const alone = list.slice(0, 1);
        const [first] = alone;
        if (first === undefined) return;
        const borneOut = [...alone, { ...first, source: "another one" }];
        const before = rank.indexOf(crossCheck(alone, age).level);
        expect(rank.indexOf(crossCheck(borneOut, age).level)).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});
