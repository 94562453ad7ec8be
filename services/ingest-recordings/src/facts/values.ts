import { calendarCovers } from "@amc/streams/market/sessions";
import { RowError } from "./row-error.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** The longest decimal that says anything new about a double. */
const NUMBER_CHARACTERS_MAX = 40;
/** A finite decimal; NaN, infinities, -0 and hexadecimal are refused. */
export function decimalOf(text: string, name: string, column: number | null = null): number {
  if (text.length > NUMBER_CHARACTERS_MAX || !DECIMAL.test(text)) {
    throw new RowError(
      "number.invalid",
      `${name} must be a decimal number, was "${cut(text)}"`,
      column,
    );
  }
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new RowError("number.out-of-range", `${name} is too large: "${cut(text)}"`, column);
  }
  if (Object.is(value, -0)) {
    throw new RowError("number.negative-zero", `${name} must not be -0`, column);
  }
  return value;
}

export function countOf(text: string, name: string, column: number | null = null): number {
  const value = decimalOf(text, name, column);
  if (value < 0) {
    throw new RowError("domain.negative", `${name} must not be negative, was ${text}`, column);
  }
  return value;
}

/** Throws RowError for text that lost bytes on its way; the rest is checked with the whole fact. */
export function checkText(text: string, name: string, column: number | null = null): void {
  if (text.includes("\ufffd") || !text.isWellFormed()) {
    throw new RowError("text.encoding", `${name} holds bytes that are no UTF-8`, column);
  }
}

/** Refuses instants that no session can be named for (before 1998, after 2027). */
export function checkInstant(epochMs: number, name: string, column: number | null = null): number {
  if (!Number.isSafeInteger(epochMs) || Math.abs(epochMs) > 8.64e15 || !calendarCovers(epochMs)) {
    const message = `${name} ${describeInstant(epochMs)} is outside the exchange calendar; is the unit of the stamp right?`;
    throw new RowError("time.out-of-range", message, column);
  }
  return epochMs;
}

function describeInstant(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString();
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
