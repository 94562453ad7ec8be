import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur2, murmur2OfText, partitionOf } from "./partitioner.ts";

/**
 * Hash and partition of 1, 12 and 50, printed by a Java 17 program holding a literal copy of
 * `org.apache.kafka.common.utils.Utils.murmur2` and `toPositive`, over
 * `key.getBytes(StandardCharsets.UTF_8)`. The first six are also in Kafka's own `UtilsTest`.
 */
const JAVA_VECTORS: readonly (readonly [string, number, number, number, number])[] = [
  ["21", -973932308, 0, 0, 40],
  ["foobar", -790332482, 0, 6, 16],
  ["a-little-bit-long-string", -985981536, 0, 8, 12],
  ["a-little-bit-longer-string", -1486304829, 0, 11, 19],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 0, 5, 27],
  ["abc", 479470107, 0, 3, 7],
  ["", 275646681, 0, 9, 31],
  ["A", 1592744578, 0, 10, 28],
  ["GE", 886747369, 0, 1, 19],
  ["GME", 333356158, 0, 10, 8],
  ["AAPL", 1691292177, 0, 9, 27],
  ["BRK.B", -1653694865, 0, 3, 33],
  ["BF-B", -1732426385, 0, 3, 13],
  ["SPY", 1772639735, 0, 11, 35],
  ["é", 186971271, 0, 3, 21],
  ["Zürich", -1551140815, 0, 1, 33],
  ["日本", -700811021, 0, 3, 27],
  ["価格-7203", -407751734, 0, 6, 14],
  ["a😀b", -1591872719, 0, 9, 29],
  ["\u007f", 21296028, 0, 0, 28],
  ["\u0080", -1485454502, 0, 6, 46],
  ["2021-01-13T14:30:00Z", 273934802, 0, 2, 2],
];

describe("partitioner", () => {
  it.each(JAVA_VECTORS)("hashes %j as Java does", (key, hash, of1, of12, of50) => {
    expect(murmur2OfText(key)).toBe(hash);
    expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
    expect([1, 12, 50].map((partitions) => partitionOf(key, partitions))).toEqual([
      of1,
      of12,
      of50,
    ]);
  });

  it("agrees with Java over 100,000 symbols", () => {
    // Same Java program: acc = acc * 31 + murmur2("SYM" + base36(i).toUpperCase()), wrapping at 32 bits.
    let folded = 0;
    for (let i = 0; i < 100_000; i++) {
      folded = (Math.imul(folded, 31) + murmur2OfText(`SYM${i.toString(36).toUpperCase()}`)) | 0;
    }
    expect(folded).toBe(-1306368939);
  });

  it("takes the short way for ASCII to the same hash as the long way through bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (key) => {
        expect(murmur2OfText(key)).toBe(murmur2(new TextEncoder().encode(key)));
      }),
    );
  });

  it("always names one of the partitions", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(partition >= 0 && partition < partitions).toBe(true);
      }),
    );
  });
});
