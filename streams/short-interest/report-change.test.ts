import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../market/event-time.ts";
import { changeSincePrevious } from "./report-change.ts";

const SETTLED = newYorkToUtc("2021-01-15", "16:00");
const BEFORE = newYorkToUtc("2020-12-31", "16:00");
const report = (sharesShort: number, previousSharesShort: number | null = null) => ({
  happenedAt: SETTLED,
  sharesShort,
  previousSharesShort,
});
const held = (sharesShort: number) => ({ happenedAt: BEFORE, sharesShort });

describe("the change against the report before", () => {
  it("is what the report itself states: GME fell by 13.2 % to 2021-01-15", () => {
    const { previous, change, isJump } = changeSincePrevious(
      report(61_782_730, 71_196_206),
      held(71_196_206),
      [],
    );
    expect(previous).toBe(71_196_206);
    expect(change).toBeCloseTo(-0.132219, 6);
    expect(isJump).toBe(false);
  });

  it("is taken from what we hold where the report states nothing", () => {
    expect(changeSincePrevious(report(3_000), held(2_000), [])).toEqual({
      previous: 2_000,
      change: 0.5,
      isJump: false,
      notes: [],
    });
  });

  it("R-SI-12: is a jump from 2,000,000 to 5,000,000, and none at the double", () => {
    expect(changeSincePrevious(report(5_000_000, 2_000_000), null, []).isJump).toBe(true);
    expect(changeSincePrevious(report(4_000_001, 2_000_000), null, []).isJump).toBe(true);
    expect(changeSincePrevious(report(4_000_000, 2_000_000), null, []).isJump).toBe(false);
  });

  it("names that the report restates the figure we hold", () => {
    const { change, notes } = changeSincePrevious(report(3_000, 2_000), held(1_000), []);
    expect(change).toBe(0.5);
    expect(notes).toEqual(["previous-restated"]);
    expect(changeSincePrevious(report(3_000, 2_000), held(2_010), []).notes).toEqual([]);
  });

  it("is unknown, never 0, at a first report, after none short and across a split", () => {
    expect(changeSincePrevious(report(3_000), null, [])).toEqual({
      previous: null,
      change: null,
      isJump: false,
      notes: ["no-previous-report"],
    });
    expect(changeSincePrevious(report(3_000, 0), null, [])).toMatchObject({
      change: null,
      notes: ["previous-zero"],
    });
    const split = newYorkToUtc("2021-01-11", "04:00");
    expect(changeSincePrevious(report(4_000), held(1_000), [split])).toMatchObject({
      previous: 1_000,
      change: null,
      isJump: false,
      notes: ["split-between"],
    });
    expect(changeSincePrevious(report(4_000), held(1_000), [BEFORE - 1]).isJump).toBe(true);
  });
});
