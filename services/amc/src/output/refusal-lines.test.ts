import { describe, expect, it } from "vitest";
import { refusalLines } from "./refusal-lines.ts";

describe("the lines of refused rows", () => {
  it("say the place of a single row, or of the first of many", () => {
    expect(
      refusalLines([
        { code: "row.columns", count: 1_200, first: "a.csv:2:6: volume is column 6" },
        { code: "stamp.invalid", count: 1, first: "a.csv:9:1: stamp must be a number" },
      ]),
    ).toEqual([
      "  refused as row.columns: 1,200 rows, the first a.csv:2:6: volume is column 6",
      "  refused as stamp.invalid: 1 row a.csv:9:1: stamp must be a number",
    ]);
  });

  it("pass no control character of a file on to the terminal", () => {
    const first = "a.csv:2:1: must be a number, was \u001b[2J\u202e\r1";
    expect(refusalLines([{ code: "number.invalid", count: 1, first }])).toEqual([
      "  refused as number.invalid: 1 row a.csv:2:1: must be a number, was \u{FFFD}[2J\u{FFFD}\u{FFFD}1",
    ]);
  });
});
