import { describe, expect, it } from "vitest";
import { readStored, storedBytes } from "../kernel/state-codec.ts";
import { KNOWN_REFERENCE } from "../testing/known-reference.ts";
import { REFERENCE_CODEC } from "./reference-codec.ts";
import { EMPTY_REFERENCE } from "./reference-state.ts";

const AT = { store: "features.reference", key: "GME" };
const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (bytes: Uint8Array) => readStored(AT, REFERENCE_CODEC, bytes);

/** The JSON with one value at a time exchanged for another kind of value. */
function* broken(json: unknown): Generator<unknown> {
  if (Array.isArray(json)) {
    for (const [index, item] of json.entries()) {
      for (const other of broken(item)) yield json.with(index, other);
    }
  } else if (typeof json === "object" && json !== null) {
    for (const [name, value] of Object.entries(json)) {
      for (const other of broken(value)) yield { ...json, [name]: other };
    }
  }
  yield typeof json === "boolean" ? "a text" : true;
}

describe("stored reference facts of a symbol", () => {
  it.each([
    ["nothing is known", EMPTY_REFERENCE],
    ["everything is known", KNOWN_REFERENCE],
  ])("come back when %s", (_, state) => {
    expect(read(storedBytes(REFERENCE_CODEC, state))).toEqual(state);
  });

  it("are refused when any value in them is of another kind", () => {
    const others = [...broken(KNOWN_REFERENCE)];
    expect(others.length).toBeGreaterThan(100);
    for (const other of others) {
      const text = JSON.stringify(other);
      expect(() => read(utf8(`\u0002${text}`)), text).toThrow(
        expect.objectContaining({ code: "state.unreadable" }),
      );
    }
  });

  it("of the first versions start empty in what those did not store", () => {
    const { figures, shortInterest } = KNOWN_REFERENCE;
    const [held] = shortInterest;
    // Once it was a single figure, of which nobody knows what others said.
    const older = read(utf8(JSON.stringify({ figures, shortInterest: held })));
    expect(older).toEqual({ ...EMPTY_REFERENCE, figures });
  });
});
