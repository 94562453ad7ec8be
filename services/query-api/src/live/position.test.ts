import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPosition, parsePosition } from "./position.ts";

const LAYOUT = { run: 2, recommendation: 4, alert: 1 };

function offsets(partitions: number) {
  return fc.array(fc.nat(2 ** 31 - 1), { minLength: partitions, maxLength: partitions });
}

describe("a feed position", () => {
  it("survives its text", () => {
    const position = fc.record({
      run: offsets(LAYOUT.run),
      recommendation: offsets(LAYOUT.recommendation),
      alert: offsets(LAYOUT.alert),
    });
    fc.assert(
      fc.property(position, (at) => {
        expect(parsePosition(formatPosition(at), LAYOUT)).toEqual(at);
      }),
    );
  });

  it("reads as the next offset of each partition", () => {
    const text = formatPosition({ run: [12, 0], recommendation: [1, 0, 0, 2], alert: [0] });
    expect(text).toBe("run=12.0;recommendation=1.0.0.2;alert=0");
  });

  it.each([
    ["nothing", ""],
    ["other names", "runs=1.2;recommendation=1.0.0.2;alert=0"],
    ["another number of partitions", "run=1;recommendation=1.0.0.2;alert=0"],
    ["negative offsets", "run=-1.0;recommendation=1.0.0.2;alert=0"],
    ["fractions of exponents", "run=1e3.0;recommendation=1.0.0.2;alert=0"],
    ["more parts", "run=1.0;recommendation=1.0.0.2;alert=0;x=1"],
    ["offsets that no number holds", `run=${"9".repeat(16)}.0;recommendation=1.0.0.2;alert=0`],
    ["a very long text", `run=${"1.".repeat(5000)}1`],
  ])("is refused when its text has %s", (_, text) => {
    expect(() => parsePosition(text, LAYOUT)).toThrow("take it from an answer's position");
  });
});
