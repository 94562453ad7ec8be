import { describe, expect, it } from "vitest";
import { type JudgedFigure, qualityRun } from "./quality-run.ts";

const AT = Date.UTC(2025, 8, 3, 15);
const figure = (known: Partial<JudgedFigure>): JudgedFigure => ({
  ...{ overall: 0.9, usableUntil: null },
  ...known,
});

describe("a run over the quality of short interest (R-JOB-09)", () => {
  it.each([
    ["of good quality", {}, true],
    ["exactly at the threshold", { overall: 0.75 }, true],
    ["below it", { overall: 0.74 }, false],
    ["that is usable for another moment", { usableUntil: AT + 1 }, true],
    ["that is too old by now", { usableUntil: AT }, false],
  ])("counts a figure %s", (_what, known, holds) => {
    expect(qualityRun([figure(known)], 0.75, AT)).toEqual({
      ...{ processed: 1, successful: holds ? 1 : 0, failed: holds ? 0 : 1 },
    });
  });

  it("leaves none out", () => {
    const figures = [figure({}), figure({ overall: 0.1 }), figure({ usableUntil: AT - 1 })];
    expect(qualityRun(figures, 0.75, AT)).toEqual({ processed: 3, successful: 1, failed: 2 });
    expect(qualityRun([], 0.75, AT)).toEqual({ processed: 0, successful: 0, failed: 0 });
  });
});
