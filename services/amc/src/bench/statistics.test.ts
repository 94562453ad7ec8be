import { describe, expect, it } from "vitest";
import { percentile, spreadOf } from "./statistics.ts";

describe("the spread of runs", () => {
  it("is the middle run with the least and the most", () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  it("of an even number of runs has the mean of the middle two as its median", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it("does not exist without runs", () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe("a percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it("is the value that so many percent do not exceed", () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
  });

  it("of few values is one of them", () => {
    expect(percentile([7, 9], 0.99)).toBe(9);
    expect(percentile([7], 0.5)).toBe(7);
  });
});
