import { quoted } from "./statement.ts";

/** More digits than a double tells apart for certain would be changed in silence. */
const SIGNIFICANT_DIGITS_MAX = 15;
const DECIMAL = /^-?(?:\d+(?:\.\d+)?|\.\d+)$/;

export type DecimalCell =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string };

/** A plain decimal such as -12.5: no currency sign, no thousands separator, no exponent, no percent. */
export function decimalCell(text: string): DecimalCell {
  if (!DECIMAL.test(text)) {
    const hint = /^[-$€(]?[\d.,]+\)?$/.test(text) ? "without separators or currency, " : "";
    return { ok: false, message: `must be a decimal ${hint}such as -12.5, was ${quoted(text)}` };
  }
  const digits = text.replace(/[-.]/g, "").replace(/^0+/, "");
  const significant = text.includes(".") ? digits.replace(/0+$/, "") : digits;
  if (significant.length > SIGNIFICANT_DIGITS_MAX) {
    const message = `must have at most ${SIGNIFICANT_DIGITS_MAX} significant digits, was ${quoted(text)}`;
    return { ok: false, message };
  }
  const value = Number(text);
  return { ok: true, value: value === 0 ? 0 : value };
}
