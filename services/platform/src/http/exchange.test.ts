import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "./exchange.ts";

const WANTED = { url: new URL("https://provider.example/"), accept: ["application/json"] };
/** Bytes of a header as they come: 0x9b begins what a terminal does. */
const BYTES = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(charOf), maxLength: 150 });

function charOf(byte: number): string {
  return String.fromCharCode(byte);
}

function messageOf(mediaType: string, encoding = ""): string | undefined {
  const head = { status: 200, mediaType, encoding, retryAfter: "" };
  return refusalOf(head, WANTED, 0)?.message;
}

describe("an answer that is refused for its head", () => {
  it("says which type and encoding it has", () => {
    expect(messageOf("text/html")).toBe("the answer is text/html, wanted was application/json");
    expect(messageOf("")).toBe("the answer is of no stated type, wanted was application/json");
    expect(messageOf("application/json", "br")).toBe(
      "the answer is encoded as br, gzip was asked for",
    );
  });

  it("repeats none of it that a terminal would not show as it is", () => {
    const strange = "the answer is of a strange type, wanted was application/json";
    expect(messageOf("text/\u009b2j")).toBe(strange);
    expect(messageOf("x".repeat(101))).toBe(strange);
    expect(messageOf("application/json", "\u001b[2j")).toBe(
      "the answer is encoded strangely, gzip was asked for",
    );
    const isShown = /^[\x20-\x7e]{0,200}$/;
    fc.assert(
      fc.property(BYTES, (text) => {
        expect(messageOf(text) ?? "").toMatch(isShown);
        expect(messageOf("application/json", text) ?? "").toMatch(isShown);
      }),
    );
  });
});
