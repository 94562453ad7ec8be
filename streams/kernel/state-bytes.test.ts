import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateReader, StateWriter } from "./state-bytes.ts";

describe("bytes of keyed state", () => {
  it("any numbers and texts come back as they were written", () => {
    const row = fc.tuple(fc.double(), fc.string({ unit: "grapheme" }), fc.nat(), fc.boolean());
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const writer = new StateWriter();
        for (const [number, text, count, flag] of rows) {
          writer.float64(number);
          writer.text(text);
          writer.uint32(count);
          writer.boolean(flag);
        }
        const reader = new StateReader(writer.take());
        const read = rows.map(() => [
          ...[reader.float64(), reader.text()],
          ...[reader.uint32(), reader.boolean()],
        ]);
        reader.expectEnd();
        expect(read).toEqual(rows);
      }),
    );
  });

  it("values taken before the memory had to grow keep their content", () => {
    const writer = new StateWriter();
    writer.utf8("first");
    const first = writer.take();
    writer.utf8("x".repeat(1_000_000));
    const second = writer.take();
    expect(new TextDecoder().decode(first)).toBe("first");
    expect(second).toHaveLength(1_000_000);
  });

  it("reading past the end, or stopping before it, is an error", () => {
    const reader = new StateReader(new Uint8Array([0, 5, 65]));
    expect(() => reader.expectEnd()).toThrow(RangeError);
    expect(() => reader.text()).toThrow(RangeError);
    expect(() => new StateReader(new Uint8Array(3)).uint32()).toThrow(RangeError);
  });

  it("a text whose length does not fit is refused", () => {
    expect(() => new StateWriter().text("x".repeat(65_536))).toThrow(RangeError);
  });
});
