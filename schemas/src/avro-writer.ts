import { Buffer } from "node:buffer";
import { MESSAGE_BYTES_MAX, MESSAGE_ITEMS_MAX } from "./limits.ts";

/**
 * Writes Avro values into one scratch buffer, for the encoders in `generated/codecs.ts`. Refuses
 * what must never enter the log: NaN, infinities and -0 (Avro and avsc take them in silence), text
 * that is not well formed, counts beyond their caps, values of another type than the schema's.
 */

/** Stable codes of what makes an event impossible to encode. Callers match the code, never the text. */
export type EncodeErrorCode =
  | "event.too-large"
  | "event.too-many-items"
  | "event.not-finite"
  | "event.negative-zero"
  | "event.text"
  | "event.type";

/** A programmer's error: an event that must not enter the log was handed to the codec. */
export class EncodeError extends Error {
  readonly code: EncodeErrorCode;
  /** Path inside the value such as `inputs.confidence`; empty when it is about the whole. */
  readonly field: string;

  constructor(code: EncodeErrorCode, field: string) {
    super(field === "" ? code : `${code} at ${field}`);
    this.name = "EncodeError";
    this.code = code;
    this.field = field;
  }
}

/**
 * Room for the double that crosses the limit. Bytes written further out fall off the end of a typed
 * array without a trace; the position counts on and the check at the end sees it.
 */
const SLACK = 8;
const message = Buffer.alloc(MESSAGE_BYTES_MAX + SLACK);
const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
const doubles = new DataView(message.buffer, message.byteOffset, message.length);
let at = 0;
let itemsLeft = 0;

const LONG_MAX = 9_007_199_254_740_990;

export function startWriting(offset: number): void {
  at = offset;
  itemsLeft = MESSAGE_ITEMS_MAX;
}

/** What was written, in memory of its own; the bytes before the offset are the caller's to fill. */
export function finishWriting(): Uint8Array {
  checkSize("");
  const copy = Buffer.allocUnsafe(at);
  message.copy(copy, 0, 0, at);
  return copy;
}

function checkSize(field: string): void {
  if (at > MESSAGE_BYTES_MAX) throw new EncodeError("event.too-large", field);
}

export function writeLong(value: number, field: string): void {
  if (!Number.isInteger(value) || value > LONG_MAX || value < -LONG_MAX) {
    throw new EncodeError("event.type", field);
  }
  // Zigzag in two parts of 28 and 26 bits, since JavaScript shifts 32 bits only.
  const magnitude = value >= 0 ? value : -value - 1;
  const high = Math.floor(magnitude / 0x800_0000);
  const low = ((magnitude - high * 0x800_0000) << 1) | (value >= 0 ? 0 : 1);
  if (high === 0) writeVarint(low);
  else {
    for (let shift = 0; shift < 28; shift += 7) bytes[at++] = ((low >>> shift) & 0x7f) | 0x80;
    writeVarint(high);
  }
}

function writeVarint(value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
}

export function writeInt(value: number, field: string): void {
  if (value !== (value | 0)) throw new EncodeError("event.type", field);
  writeLong(value, field);
}

export function writeDouble(value: number, field: string): void {
  if (typeof value !== "number") throw new EncodeError("event.type", field);
  if (value - value !== 0) throw new EncodeError("event.not-finite", field);
  if (value === 0 && 1 / value < 0) throw new EncodeError("event.negative-zero", field);
  checkSize(field);
  doubles.setFloat64(at, value, true);
  at += 8;
}

export function writeBoolean(value: boolean, field: string): void {
  if (typeof value !== "boolean") throw new EncodeError("event.type", field);
  bytes[at++] = value ? 1 : 0;
}

/** Branch of a union of null and one type, in that order; true when the value is to follow. */
export function writePresent<Value>(value: Value | null): value is Value {
  bytes[at++] = value === null ? 0 : 2;
  return value !== null;
}

export function writeEnum<Symbol extends string>(
  symbols: readonly Symbol[],
  value: Symbol,
  field: string,
): void {
  const index = symbols.indexOf(value);
  if (index < 0) throw new EncodeError("event.type", field);
  writeVarint(index << 1);
}

/** Before the fields of a record inside another, which would fail at one that is missing. */
export function startRecord(value: object | null, field: string): void {
  if (typeof value !== "object" || value === null) throw new EncodeError("event.type", field);
}

/** Before the items; `endArray` comes after them. */
export function startArray(itemsMax: number, items: readonly unknown[], field: string): void {
  if (!Array.isArray(items)) throw new EncodeError("event.type", field);
  itemsLeft -= items.length;
  if (items.length > itemsMax || itemsLeft < 0) {
    throw new EncodeError("event.too-many-items", field);
  }
  if (items.length > 0) writeLong(items.length, field);
}

export function endArray(): void {
  bytes[at++] = 0;
}

/** Up to here a string's length takes one byte, and a loop is faster than a call out of the engine. */
const SHORT = 63;

export function writeString(value: string, field: string): void {
  if (typeof value !== "string") throw new EncodeError("event.type", field);
  if (value.length > SHORT || at + SHORT > MESSAGE_BYTES_MAX || !writeShortAscii(value)) {
    writeText(value, field);
  }
}

/** Leaves the position where it was when the text is not ASCII. */
function writeShortAscii(value: string): boolean {
  const { length } = value;
  const start = at + 1;
  let bits = 0;
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index);
    bits |= code;
    bytes[start + index] = code;
  }
  if (bits >= 0x80) return false;
  bytes[at] = length << 1;
  at = start + length;
  return true;
}

function writeText(value: string, field: string): void {
  if (!value.isWellFormed()) throw new EncodeError("event.text", field);
  const length = Buffer.byteLength(value);
  if (at + length > MESSAGE_BYTES_MAX) throw new EncodeError("event.too-large", field);
  writeLong(length, field);
  at += message.write(value, at, "utf8");
}
