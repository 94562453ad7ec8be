import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alertIdOf } from "../testing/requested-alerts.ts";
import { messageText, shortCode, TEXT_MAX } from "./message-text.ts";

const ID = alertIdOf("GME");
const isWhole = (text: string) => text === text.toWellFormed();

describe("the text of a message", () => {
  it("is title and message on one line, with the code of the alert at its end", () => {
    const text = messageText(ID, { title: "GME is trade ready", message: "up 9 %\r\non volume" });
    expect(text).toBe(`GME is trade ready: up 9 % on volume [${ID.slice(0, 8)}]`);
  });

  it("is cut between characters as people see them, never inside the code", () => {
    const family = "👨‍👩‍👧‍👦";
    const text = messageText(ID, { title: "t", message: family.repeat(400) });
    const [before = "", after] = text.slice("t: ".length).split("…");
    expect(before.length % family.length).toBe(0);
    expect(after).toBe(` ${shortCode(ID)}`);
  });

  it("turns nothing around that stands behind it, and begins no second line", () => {
    const text = messageText(ID, { title: "a\u202eb", message: "c\u0000\u2028d\u2066e" });
    expect(text).toBe(`a b: c d e ${shortCode(ID)}`);
  });

  it("is never longer than Twilio takes, is well formed and ends with the code", () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 2_000 });
    fc.assert(
      fc.property(anyText, anyText, (title, message) => {
        const text = messageText(ID, { title, message });
        return text.length <= TEXT_MAX && isWhole(text) && text.endsWith(` ${shortCode(ID)}`);
      }),
    );
  });
});
