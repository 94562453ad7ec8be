import { describe, expect, it } from "vitest";
import { strikeRange } from "./strike-range.ts";

const STRIKES = { full: 200, reduced: 12 };
const ASKED = { isFull: false, from: null, count: null, seed: 7 };
const IN_FULL = { ...ASKED, isFull: true };

describe("the strikes of a run", () => {
  it("are the reduced ones, those in full, or as many as were asked for", () => {
    expect(strikeRange(ASKED, STRIKES)).toEqual({ first: 1, last: 12, seed: 7 });
    expect(strikeRange(IN_FULL, STRIKES)).toEqual({ first: 1, last: 200, seed: 7 });
    expect(strikeRange({ ...ASKED, count: 30 }, STRIKES)).toEqual({ first: 1, last: 30, seed: 7 });
    expect(strikeRange({ ...ASKED, count: 0 }, STRIKES)).toEqual({ first: 1, last: 0, seed: 7 });
  });

  it("add up to the run in full, part by part, each with a seed of its own", () => {
    const parts = [1, 81, 161].map((from) => strikeRange({ ...IN_FULL, from, count: 80 }, STRIKES));
    expect(parts.map(({ first, last }) => [first, last])).toEqual([
      [1, 80],
      [81, 160],
      [161, 200],
    ]);
    expect(new Set(parts.map(({ seed }) => seed)).size).toBe(3);
    // What it says of itself is enough to repeat it.
    expect(strikeRange({ ...IN_FULL, from: 81, count: 80 }, STRIKES)).toEqual(parts[1]);
    const other = strikeRange({ ...IN_FULL, from: 81, count: 80, seed: 8 }, STRIKES);
    expect(other.seed).not.toBe(parts[1]?.seed);
  });

  it("go to the end where only their beginning is named", () => {
    expect(strikeRange({ ...IN_FULL, from: 151 }, STRIKES)).toMatchObject({
      first: 151,
      last: 200,
    });
  });

  it.each([{ from: 0 }, { from: 1.5 }, { from: Number.NaN }, { count: -1 }, { from: 201 }])(
    "are refused where there are none: %o",
    (asked) => {
      expect(() => strikeRange({ ...IN_FULL, ...asked }, STRIKES)).toThrow(RangeError);
    },
  );
});
