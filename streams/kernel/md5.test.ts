import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { md5 } from "./md5.ts";

const hex = (text: string) => Buffer.from(md5(text)).toString("hex");

describe("MD5", () => {
  it.each([
    // RFC 1321, appendix A.5.
    ["", "d41d8cd98f00b204e9800998ecf8427e"],
    ["a", "0cc175b9c0f1b6a831c399e269772661"],
    ["abc", "900150983cd24fb0d6963f7d28e17f72"],
    ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
    ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
    [
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "d174ab98d277d9f5a5611c2c9f419d9f",
    ],
    [
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a",
    ],
  ])("of %j is the one of RFC 1321", (text, expected) => {
    expect(hex(text)).toBe(expected);
  });

  it("equals that of OpenSSL for any text, around the ends of blocks too", () => {
    const texts = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.integer({ min: 0, max: 200 }).map((length) => "x".repeat(length)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(hex(text)).toBe(createHash("md5").update(text, "utf8").digest("hex"));
      }),
      { numRuns: 500 },
    );
  });
});
