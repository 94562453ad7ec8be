import { describe, expect, it } from "vitest";
import { exceedsMultiple, reachesRatio } from "./comparison.ts";

describe("comparisons with a multiple", () => {
  it("do not take 3.6 for more than 1.2 times 3.0 (TV-VM-04)", () => {
    expect(3.6 > 3.0 * 1.2).toBe(true);
    expect(exceedsMultiple(3.6, 1.2, 3.0)).toBe(false);
    expect(exceedsMultiple(3.61, 1.2, 3.0)).toBe(true);
    expect(exceedsMultiple(4.0, 1.2, 3.2)).toBe(true);
  });
});

describe("comparisons with a ratio", () => {
  it("let 9.95 reach 0.995 of 10.00 and 9.949 not (TV-GA-03)", () => {
    expect(9.95 / 10 >= 0.995).toBe(false);
    expect(reachesRatio(9.95, 0.995, 10)).toBe(true);
    expect(reachesRatio(9.949, 0.995, 10)).toBe(false);
  });
});
