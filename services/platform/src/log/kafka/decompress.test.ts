import { gzipSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decompressed } from "./decompress.ts";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;

/** As Java's clients write snappy: blocks of at most 32 KiB behind a header. */
function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [
    Buffer.from("\u0082SNAPPY\u0000\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0001", "latin1"),
  ];
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = compressionsAlgorithms.snappy.compressSync(bytes.subarray(at, at + 32_768));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

const content = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 6_000 })),
    { minLength: 1 },
  )
  .map((runs) =>
    Buffer.concat(runs.map(([bytes, times]) => Buffer.alloc(bytes.length * (times + 1), bytes))),
  );

describe("a decompressed batch", () => {
  it.each(CODECS)(
    "of %s is what was compressed, or nothing when it is a byte too large",
    (name) => {
      const { compressSync, bitmask } = compressionsAlgorithms[name];
      fc.assert(
        fc.property(content, (bytes) => {
          const compressed = compressSync(bytes);
          expect(decompressed(bitmask, compressed, bytes.length)?.equals(bytes)).toBe(true);
          expect(decompressed(bitmask, compressed, bytes.length - 1)).toBeNull();
        }),
        { numRuns: 50 },
      );
    },
  );

  it("of snappy in blocks is as large as they are together", () => {
    const { bitmask } = compressionsAlgorithms.snappy;
    fc.assert(
      fc.property(content, (bytes) => {
        expect(decompressed(bitmask, xerial(bytes), bytes.length)?.equals(bytes)).toBe(true);
        expect(decompressed(bitmask, xerial(bytes), bytes.length - 1)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["gzip", "unexpected end of file"],
    ["snappy", "unreachable"],
    ["lz4", "out of range"],
    ["zstd", "unexpected end of file"],
  ] as const)("of %s that is cut off is an error", (name, message) => {
    const { compressSync, bitmask } = compressionsAlgorithms[name];
    const bytes = compressSync(Buffer.from("market data ".repeat(500)));
    const cut = bytes.subarray(0, bytes.length / 2);
    expect(() => decompressed(bitmask, cut, 1e6)).toThrow(message);
  });

  it.each([
    ["gzip", "incorrect header check"],
    ["lz4", "this is no LZ4 frame"],
    ["zstd", "Unknown frame descriptor"],
  ] as const)("of %s that is something else is an error", (name, message) => {
    const { bitmask } = compressionsAlgorithms[name];
    expect(() => decompressed(bitmask, Buffer.alloc(40, 0xff), 1e6)).toThrow(message);
  });

  it("of snappy that claims four thousand million bytes gets no room for them", () => {
    const { bitmask } = compressionsAlgorithms.snappy;
    expect(decompressed(bitmask, Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0), 1e6)).toBeNull();
  });

  it("of a codec that there is not is an error", () => {
    expect(() => decompressed(5, gzipSync("x"), 100)).toThrow("compression 5 is unknown");
  });
});
