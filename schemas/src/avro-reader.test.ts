import { describe, expect, it } from "vitest";
import {
  finishReading,
  readArray,
  readBoolean,
  readInt,
  readLong,
  readString,
  startReading,
} from "./avro-reader.ts";
import { startArray, startWriting } from "./avro-writer.ts";
import { text, varint } from "./testing/wire-bytes.ts";

function read<Value>(bytes: readonly number[], reading: () => Value): Value {
  startReading(Uint8Array.from(bytes), 0);
  const value = reading();
  finishReading();
  return value;
}

describe("reading", () => {
  it("counts the items of all arrays of a message together, up to 10,000", () => {
    const flags = (count: number) => [...varint(count), ...Array(count).fill(1), 0];
    const twoArrays = () => [
      readArray(20_000, 1, "first", readBoolean).length,
      readArray(20_000, 1, "second", readBoolean).length,
    ];
    expect(read([...flags(9_000), ...flags(1_000)], twoArrays)).toEqual([9_000, 1_000]);
    expect(() => read([...flags(9_000), ...flags(1_001)], twoArrays)).toThrow(
      "avro.count at second",
    );
    // And from the start for the next message.
    expect(read([0, ...flags(10_000)], twoArrays)).toEqual([0, 10_000]);
  });

  it("refuses a varint that the message ends in, whatever stood behind an earlier message", () => {
    read([...varint(1), 0x7f, 0x7f], () => [readLong("a"), readLong("b"), readLong("c")]);
    expect(() => read([0x80], () => readLong("a"))).toThrow("avro.truncated at a");
    expect(() => read([], () => readLong("a"))).toThrow("avro.truncated at a");
  });

  it.each([0, -1, 1, 63, 64, -64, -65, 8191, 8192, 2 ** 27 - 1, 2 ** 27, -(2 ** 27) - 1, 2 ** 34])(
    "gives %i back from its shortest varint and refuses a longer one",
    (value) => {
      expect(read(varint(value), () => readLong("a"))).toBe(value);
      expect(() => read(varint(value, 1), () => readLong("a"))).toThrow("avro.varint at a");
    },
  );

  it.each([2 ** 31 - 1, -(2 ** 31)])("takes %i as an int", (value) => {
    expect(read(varint(value), () => readInt("a"))).toBe(value);
  });

  it("gives equal strings for equal bytes at every length, seen before or not", () => {
    for (let length = 0; length <= 70; length += 1) {
      const word = "GameStop".repeat(9).slice(0, length);
      const other = length === 0 ? "" : `${word.slice(0, -1)}#`;
      const accented = `${word}é`;
      for (const expected of [word, other, accented, word, other, accented]) {
        expect(read(text(expected), () => readString("a"))).toBe(expected);
      }
    }
  });
});

describe("writing", () => {
  it("counts the items of all arrays of a message together, up to 10,000", () => {
    startWriting(0);
    startArray(20_000, Array(9_000).fill(true), "first");
    expect(() => startArray(20_000, Array(1_001).fill(true), "second")).toThrow(
      "event.too-many-items at second",
    );
  });
});
