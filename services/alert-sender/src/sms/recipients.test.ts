import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskedNumber, recipientHash, recipientsOf } from "./recipients.ts";

describe("a recipient", () => {
  it("is shown by country, area and last digits, and with fewer of them when the number is short", () => {
    expect(maskedNumber("+12025550100")).toBe("+1202•••0100");
    expect(maskedNumber("+4915901234")).toBe("+491•••1234");
    expect(maskedNumber("+29012345")).toBe("+2•••2345");
  });

  it("never shows a number of which fewer than three digits are missing", () => {
    const numbers = fc.stringMatching(/^\+[1-9]\d{7,14}$/);
    fc.assert(
      fc.property(numbers, (number) => {
        const shown = maskedNumber(number).replaceAll(/\D/g, "");
        return number.length - 1 - shown.length >= 3;
      }),
    );
  });

  it("has in state and ids a name from which its number cannot be tried out without the account", () => {
    const [first] = recipientsOf(["+12025550100"], "AC1");
    expect(first?.hash).toMatch(/^[\da-f]{16}$/);
    expect(first?.hash).toBe(recipientHash("+12025550100", "AC1"));
    expect(first?.hash).not.toBe(recipientHash("+12025550100", "AC2"));
    expect(first?.hash).not.toBe(recipientHash("+12025550101", "AC1"));
  });
});
