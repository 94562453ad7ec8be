import { MESSAGE_BYTES_MAX, MESSAGE_ITEMS_MAX } from "./limits.ts";
import { TextReader } from "./read-text.ts";

/**
 * Reads Avro values out of one message, for the decoders in `generated/codecs.ts`. Nothing is
 * believed: a count is checked against the bytes that are left before an item is read (a six-byte
 * message that claims four thousand million items kills a process with avsc, reliability.md M1),
 * and what avsc lets through is refused: non-finite doubles, -0, invalid UTF-8, overlong varints.
 *
 * The state is the module's, because decoding is synchronous: a decode of a tick takes about 0.3 of a
 * microsecond, and a reader object passed through every call would be a good part of that.
 */

export type AvroCode =
  | "avro.truncated"
  | "avro.trailing"
  | "avro.count"
  | "avro.varint"
  | "avro.range"
  | "avro.union"
  | "avro.enum"
  | "avro.boolean"
  | "avro.utf8"
  | "avro.not-finite"
  | "avro.negative-zero";

/** Thrown by the reading functions and turned into a value by `decodeEvent`. */
export class AvroError extends Error {
  readonly code: AvroCode;
  /** Path of the field such as `inputs.confidence`; empty when it is about the whole. */
  readonly field: string;

  constructor(code: AvroCode, field: string) {
    super(`${code} at ${field === "" ? "the end" : field}`);
    this.name = "AvroError";
    this.code = code;
    this.field = field;
  }
}

/** Messages are copied here: one kind of array for the engine to optimise, whatever the log hands out. */
const message = new Uint8Array(MESSAGE_BYTES_MAX);
const view = new DataView(message.buffer);
const text = new TextReader(message);
let at = 0;
let end = 0;
let itemsLeft = 0;

/** avsc's own limit of a long, 2^53 - 2: beyond it a JavaScript number loses units. */
const LONG_MAX = 9_007_199_254_740_990;

/** Starts at `offset` of a message, which the caller has found no longer than `MESSAGE_BYTES_MAX`. */
export function startReading(bytes: Uint8Array, offset: number): void {
  message.set(bytes);
  at = offset;
  end = bytes.length;
  itemsLeft = MESSAGE_ITEMS_MAX;
}

export function finishReading(): void {
  if (at !== end) throw new AvroError("avro.trailing", "");
}

/** Zigzag varint of at most 8 bytes, which is all that 2^53 needs. */
export function readLong(field: string): number {
  const start = at;
  let position = start;
  let byte = message[position++] ?? 0;
  let low = byte & 0x7f;
  for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
    byte = message[position++] ?? 0;
    low |= (byte & 0x7f) << shift;
  }
  let high = 0;
  for (let shift = 0; byte >= 0x80 && shift < 28; shift += 7) {
    byte = message[position++] ?? 0;
    high |= (byte & 0x7f) << shift;
  }
  at = position;
  // One check for all bytes: what lies behind the message is left from others and harmless to read.
  if (position > end) throw new AvroError("avro.truncated", field);
  if (byte === 0 && position - start > 1) throw new AvroError("avro.varint", field);
  const sign = low & 1;
  const magnitude = (low >>> 1) + high * 0x800_0000;
  if (byte >= 0x80 || magnitude > LONG_MAX - sign) throw new AvroError("avro.range", field);
  return sign === 0 ? magnitude : -magnitude - 1;
}

export function readInt(field: string): number {
  const value = readLong(field);
  if (value !== (value | 0)) throw new AvroError("avro.range", field);
  return value;
}

export function readDouble(field: string): number {
  const start = at;
  at = start + 8;
  if (at > end) throw new AvroError("avro.truncated", field);
  const value = view.getFloat64(start, true);
  if (value - value !== 0) throw new AvroError("avro.not-finite", field);
  if (value === 0 && 1 / value < 0) throw new AvroError("avro.negative-zero", field);
  return value;
}

export function readBoolean(field: string): boolean {
  if (at >= end) throw new AvroError("avro.truncated", field);
  const byte = message[at++] ?? 0;
  if (byte > 1) throw new AvroError("avro.boolean", field);
  return byte === 1;
}

/** Branch of a union of null and one type, in that order: true when a value follows. */
export function readPresent(field: string): boolean {
  if (at >= end) throw new AvroError("avro.truncated", field);
  const byte = message[at++] ?? 0;
  if (byte !== 0 && byte !== 2) throw new AvroError("avro.union", field);
  return byte === 2;
}

/** `symbols` has the reader's symbol at the index of each symbol of the writer. */
export function readEnum<Symbol extends string>(symbols: readonly Symbol[], field: string): Symbol {
  const symbol = symbols[readLong(field)];
  if (symbol === undefined) throw new AvroError("avro.enum", field);
  return symbol;
}

/**
 * An array of at most `itemsMax` items, each of at least `bytesMin` bytes. A negative count, which
 * announces a block by its size in bytes, is refused: no usual writer makes such blocks, and that
 * size would be one more claim to check.
 */
export function readArray<Item>(
  itemsMax: number,
  bytesMin: number,
  field: string,
  readItem: (field: string) => Item,
): Item[] {
  const items: Item[] = [];
  for (let left = readBlock(itemsMax, bytesMin, field); left > 0; ) {
    for (; left > 0; left -= 1) items.push(readItem(field));
    left = readBlock(itemsMax - items.length, bytesMin, field);
  }
  return items;
}

/** Items that follow, 0 at the end of the array. */
function readBlock(itemsMax: number, bytesMin: number, field: string): number {
  const count = readLong(field);
  if (count < 0 || count > itemsMax || count > itemsLeft || count * bytesMin > end - at) {
    throw new AvroError("avro.count", field);
  }
  itemsLeft -= count;
  return count;
}

export function readString(field: string): string {
  const start = passText(field);
  const read = text.read(start, at);
  if (read === null) throw new AvroError("avro.utf8", field);
  return read;
}

/** Goes past a text; where it begins. */
function passText(field: string): number {
  const length = readLong(field);
  const start = at;
  const stop = start + length;
  if (length < 0) throw new AvroError("avro.count", field);
  if (stop > end) throw new AvroError("avro.truncated", field);
  at = stop;
  return start;
}

/*
 * What nobody asks for is skipped: checked as if it was read, in the same order, but nothing is made
 * of it. In a features event that is three quarters of the fields and nearly all of the text.
 */

export function skipDouble(field: string): void {
  const start = at;
  at = start + 8;
  if (at > end) throw new AvroError("avro.truncated", field);
  const value = view.getFloat64(start, true);
  if (value - value !== 0) throw new AvroError("avro.not-finite", field);
  if (value === 0 && 1 / value < 0) throw new AvroError("avro.negative-zero", field);
}

/** Unions of null and double that follow each other. */
export function skipOptionalDoubles(fields: readonly string[]): void {
  for (const field of fields) if (readPresent(field)) skipDouble(field);
}

export function skipString(field: string): void {
  const start = passText(field);
  if (!text.isText(start, at)) throw new AvroError("avro.utf8", field);
}

/** As `readArray`. */
export function skipArray(
  itemsMax: number,
  bytesMin: number,
  field: string,
  skipItem: (field: string) => void,
): void {
  let room = itemsMax;
  for (let left = readBlock(room, bytesMin, field); left > 0; ) {
    room -= left;
    for (; left > 0; left -= 1) skipItem(field);
    left = readBlock(room, bytesMin, field);
  }
}
