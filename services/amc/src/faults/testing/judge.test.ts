import { describe, expect, it } from "vitest";
import { caughtEach, judge } from "./judge.ts";

const HELD = { strikes: 4, violations: [] };
const LATE = { ...HELD, exceeded: ["a unit was without a worker for 24400 ms"] };
const WRONG = { ...HELD, violations: ["12 records are in the log twice", "GME: out of order"] };
const CAUGHT = { ok: true, missing: 0, caughtBy: "12 records are in the log twice" };

describe("the judgement of a fault", () => {
  it("is good when the sound build held and the broken one went wrong", () => {
    expect(judge(4, HELD, WRONG)).toEqual(CAUGHT);
  });

  it("does not take a broken build for caught that was only slow", () => {
    expect(judge(4, HELD, LATE)).toEqual({ ok: false, missing: 0, caughtBy: null });
  });

  it("takes a broken build for caught that was slow and went wrong", () => {
    expect(judge(4, HELD, { ...LATE, ...WRONG })).toEqual(CAUGHT);
  });

  it("is bad when nothing at all was found of the broken build", () => {
    expect(judge(4, HELD, HELD)).toEqual({ ok: false, missing: 0, caughtBy: null });
  });

  it("lets the sound build be neither wrong nor slow", () => {
    expect(judge(4, WRONG, WRONG).ok).toBe(false);
    expect(judge(4, LATE, WRONG).ok).toBe(false);
    expect(judge(4, LATE, null).ok).toBe(false);
  });

  it("needs no broken build where it was left out", () => {
    expect(judge(4, HELD, null)).toEqual({ ok: true, missing: 0, caughtBy: null });
  });

  it("is bad when fewer strikes were made than asked for, caught or not", () => {
    expect(judge(5, HELD, WRONG)).toEqual({ ...CAUGHT, ok: false, missing: 1 });
    expect(judge(1, { strikes: 0, violations: [] }, null).ok).toBe(false);
  });

  it("takes more strikes than were asked for, as markets are struck whole", () => {
    expect(judge(3, HELD, WRONG)).toEqual(CAUGHT);
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
