import { describe, expect, it } from "vitest";
import { caughtEach, judge } from "./judge.ts";

const HELD = { violations: [] };
const LATE = { violations: [], exceeded: ["a unit was without a worker for 24400 ms"] };
const WRONG = { violations: ["12 records are in the log twice", "GME: out of order"] };

describe("the judgement of a fault", () => {
  it("is good when the sound build held and the broken one went wrong", () => {
    expect(judge(HELD, WRONG)).toEqual({ ok: true, caughtBy: "12 records are in the log twice" });
  });

  it("does not take a broken build for caught that was only slow", () => {
    expect(judge(HELD, LATE)).toEqual({ ok: false, caughtBy: null });
  });

  it("takes a broken build for caught that was slow and went wrong", () => {
    const both = { ...LATE, ...WRONG };
    expect(judge(HELD, both)).toEqual({ ok: true, caughtBy: "12 records are in the log twice" });
  });

  it("is bad when nothing at all was found of the broken build", () => {
    expect(judge(HELD, HELD)).toEqual({ ok: false, caughtBy: null });
  });

  it("lets the sound build be neither wrong nor slow", () => {
    expect(judge(WRONG, WRONG).ok).toBe(false);
    expect(judge(LATE, WRONG).ok).toBe(false);
    expect(judge(LATE, null).ok).toBe(false);
  });

  it("needs no broken build where it was left out", () => {
    expect(judge(HELD, null)).toEqual({ ok: true, caughtBy: null });
  });
});

describe("several broken builds", () => {
  it("are caught together, each by its first violation", () => {
    const found = { skips: ["2 rows differ", "3 rows differ"], waits: ["held for 9 s"] };
    expect(caughtEach(found).violations).toEqual(["skips: 2 rows differ; waits: held for 9 s"]);
  });

  it("are not caught when one of them was missed, which is told", () => {
    const { violations, exceeded } = caughtEach({ skips: ["2 rows differ"], waits: [] });
    expect(violations).toEqual([]);
    expect(exceeded).toEqual(["nothing was found of waits", "skips: 2 rows differ"]);
  });
});
