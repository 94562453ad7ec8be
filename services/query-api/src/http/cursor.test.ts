import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorsOf } from "./cursor.ts";

const filters = { symbol: "GME" };
const key = fc.record({ atMs: fc.integer({ min: -8.64e15, max: 8.64e15 }), id: fc.uuid() });

describe("cursors", () => {
  it("lead back to the place they were made for", () => {
    const { encode, decode } = cursorsOf("recommendations", filters);
    fc.assert(
      fc.property(key, (place) => {
        expect(decode(encode(place))).toEqual(place);
      }),
    );
  });

  it("are refused by another list and by another filter", () => {
    const cursor = cursorsOf("recommendations", filters).encode({
      atMs: 1,
      id: "0".repeat(8) + "-0000-8000-8000-".padEnd(16, "0") + "0".repeat(12),
    });
    expect(() => cursorsOf("runs", filters).decode(cursor)).toThrow("without a cursor");
    expect(() => cursorsOf("recommendations", { symbol: "AMC" }).decode(cursor)).toThrow(
      "without a cursor",
    );
  });

  it("are refused after any change to their text, and so is any other text", () => {
    const { encode, decode } = cursorsOf("recommendations", filters);
    fc.assert(
      fc.property(
        key,
        fc.nat(),
        fc.constantFrom(..."abcXYZ019-_=%".split("")),
        (place, at, character) => {
          const cursor = encode(place);
          const index = at % cursor.length;
          const changed = cursor.slice(0, index) + character + cursor.slice(index + 1);
          fc.pre(changed !== cursor);
          // A change inside the place itself may name another place, but only a well-formed one.
          expect(codeOf(() => encode(decode(changed) ?? place))).toBeOneOf([
            "invalid-cursor",
            changed,
          ]);
        },
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => codeOf(() => decode(text)) === "invalid-cursor"));
  });
});

function codeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}
