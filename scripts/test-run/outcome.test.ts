import { describe, expect, it } from "vitest";
import {
  closingLine,
  failureLines,
  isImpossibleHere,
  skipReason,
  skipsByReason,
} from "./outcome.ts";

describe("the reason of a skipped test", () => {
  it("is the note given while it ran", () => {
    expect(skipReason(["counts days (needs AMC_DATA)"], "needs a second disk")).toBe(
      "needs a second disk",
    );
  });

  it("is what its name says it needs", () => {
    expect(skipReason(["calendar", "has the same days (needs AMC_DATA)"], undefined)).toBe(
      "needs AMC_DATA",
    );
  });

  it("is what its suite says when its own name says nothing", () => {
    expect(skipReason(["calendar (skipped: no python3 (3.9))", "reads bytes"], undefined)).toBe(
      "no python3 (3.9)",
    );
  });

  it("may stand in the plural of a suite", () => {
    expect(skipReason(["recordings (need AMC_DATA)", "stay quiet"], undefined)).toBe(
      "need AMC_DATA",
    );
  });

  it("is not any parenthesis that ends a name", () => {
    expect(skipReason(["rounds half to even (TV-MKT-3)"], undefined)).toBeNull();
  });
});

describe("the closing lines", () => {
  it("group skips by reason, most frequent first, and name a missing reason", () => {
    const skipped = [
      { name: "a", reason: null },
      { name: "b", reason: "needs x" },
      { name: "c", reason: "needs x" },
    ];
    expect(skipsByReason(skipped)).toEqual([
      ["needs x", ["b", "c"]],
      ["no reason given", ["a"]],
    ]);
  });

  it("name each failure with the first line of what was thrown, without its colours", () => {
    const failed = [
      { name: "a.test.ts > adds", message: "expected \u001b[32m2\u001b[39m to be 3\n\n- 3\n+ 2" },
      { name: "b.test.ts", message: null },
    ];
    expect(failureLines(failed)).toEqual([
      "failed: a.test.ts > adds: expected 2 to be 3",
      "failed: b.test.ts: never ended",
    ]);
  });

  it("count skips only when there are any", () => {
    expect(closingLine({ passed: 3, failed: [], skipped: [] })).toBe("3 passed, 0 failed");
    expect(
      closingLine({
        passed: 3,
        failed: [{ name: "b", message: null }],
        skipped: [{ name: "a", reason: null }],
      }),
    ).toBe("3 passed, 1 failed, 1 skipped");
  });
});

describe("a skip where nothing may be skipped", () => {
  it("is accepted for the user that this process cannot be, and where there is no internet", () => {
    expect(isImpossibleHere("needs the internet", true)).toBe(true);
    expect(isImpossibleHere("needs the internet", false)).toBe(true);
    expect(isImpossibleHere("needs a normal user", true)).toBe(true);
    expect(isImpossibleHere("needs root", false)).toBe(true);
    expect(isImpossibleHere("needs root", true)).toBe(false);
    expect(isImpossibleHere("needs AMC_DATA", true)).toBe(false);
    expect(isImpossibleHere(null, true)).toBe(false);
  });
});
