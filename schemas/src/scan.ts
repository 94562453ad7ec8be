import { isUtf8 } from "node:buffer";
import { MESSAGE_ITEMS_MAX } from "./limits.ts";
import { NULLABLE, OP, type ScanProgram } from "./scan-program.ts";

/**
 * The walk over the bytes of a message before anything is allocated for it. A six-byte message may
 * claim four thousand million items; avsc believes it and the process dies (reliability.md M1). The
 * scan also refuses what avsc would let through: non-finite doubles, invalid UTF-8 (read as U+FFFD),
 * overlong varints, bytes left over.
 */

export type ScanCode =
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

export interface ScanFailure {
  readonly code: ScanCode;
  /** Path of the field, such as `inputs.confidence`. */
  readonly field: string;
}

/** Why the last scan failed; module state, so that a scan that succeeds allocates nothing. */
let failureCode: ScanCode = "avro.truncated";
let failureField = "";
let itemsLeft = 0;
let textBeyondAscii = false;

/** Position after a varint, and its value when the caller needs it. */
let varint = 0;

const FAILED = -1;

/** avsc's own limit of a long, 2^53 - 2: beyond it a JavaScript number loses units. */
const LONG_MAX = 9_007_199_254_740_990;

/**
 * Checks that `bytes[start, end)` hold exactly one value of the program's record.
 * Returns null when they do.
 */
export function scan(
  program: ScanProgram,
  bytes: Uint8Array,
  start: number,
  end: number,
): ScanFailure | null {
  itemsLeft = MESSAGE_ITEMS_MAX;
  textBeyondAscii = false;
  const at = scanRecord(program, bytes, start, end);
  if (at === end) return null;
  if (at !== FAILED) return { code: "avro.trailing", field: "" };
  return { code: failureCode, field: failureField };
}

/** True when the message scanned last holds text outside ASCII. */
export function scannedBeyondAscii(): boolean {
  return textBeyondAscii;
}

function fail(code: ScanCode): number {
  failureCode = code;
  failureField = "";
  return FAILED;
}

function scanRecord(program: ScanProgram, bytes: Uint8Array, start: number, end: number): number {
  const { ops, fields } = program;
  let at = start;
  for (let index = 0; index < ops.length; index += 1) {
    let op = ops[index] ?? 0;
    if (op >= NULLABLE) {
      const branch = at < end ? (bytes[at] ?? 0) : FAILED;
      if (branch === program.nulls[index]) {
        at += 1;
        continue;
      }
      if (branch !== 0 && branch !== 2) {
        fail(branch === FAILED ? "avro.truncated" : "avro.union");
        return named(fields[index]);
      }
      at += 1;
      op -= NULLABLE;
    }
    at = scanValue(op, program, index, bytes, at, end);
    if (at === FAILED) return named(fields[index]);
  }
  return at;
}

/** Puts the field in front of the path of a failure on the way out. */
function named(field = ""): number {
  if (field !== "") failureField = failureField === "" ? field : `${field}.${failureField}`;
  return FAILED;
}

function scanValue(
  op: number,
  program: ScanProgram,
  index: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  switch (op) {
    case OP.DOUBLE:
      return scanDouble(bytes, at, end);
    case OP.LONG:
      return scanLong(bytes, at, end);
    case OP.STRING:
      return scanString(bytes, at, end);
    case OP.BOOLEAN:
      if (at >= end) return fail("avro.truncated");
      return (bytes[at] ?? 0) > 1 ? fail("avro.boolean") : at + 1;
    case OP.ENUM:
      return scanEnum(program.bounds[index] ?? 0, bytes, at, end);
    case OP.INT:
      return scanInt(bytes, at, end);
    default: {
      const nested = program.nested[index] ?? null;
      if (nested === null) throw new Error("a nested instruction without its program");
      if (op === OP.RECORD) return scanRecord(nested, bytes, at, end);
      return scanArray(nested, program.bounds[index] ?? 0, bytes, at, end);
    }
  }
}

function scanDouble(bytes: Uint8Array, at: number, end: number): number {
  const next = at + 8;
  if (next > end) return fail("avro.truncated");
  const top = bytes[at + 7] ?? 0;
  if ((top & 0x7f) === 0x7f && (bytes[at + 6] ?? 0) >= 0xf0) return fail("avro.not-finite");
  if (top === 0x80) {
    let rest = 0;
    for (let digit = at; digit < at + 7; digit += 1) rest |= bytes[digit] ?? 0;
    if (rest === 0) return fail("avro.negative-zero");
  }
  return next;
}

/** Reads a zigzag varint into `varint`; at most 8 bytes, which is all that 2^53 needs. */
function readVarint(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let scale = 1;
  const stop = start + 8 < end ? start + 8 : end;
  for (let at = start; at < stop; at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (byte === 0 && at > start) return fail("avro.varint");
      varint = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      return at + 1;
    }
    scale *= 128;
  }
  return fail(stop === end && end - start < 8 ? "avro.truncated" : "avro.range");
}

function scanLong(bytes: Uint8Array, start: number, end: number): number {
  // Seven bytes hold 49 bits: no value to compute, only the end to find.
  const stop = start + 7 < end ? start + 7 : end;
  for (let at = start; at < stop; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) return byte === 0 && at > start ? fail("avro.varint") : at + 1;
  }
  const next = readVarint(bytes, start, end);
  if (next === FAILED) return FAILED;
  return varint > LONG_MAX || varint < -LONG_MAX ? fail("avro.range") : next;
}

function scanInt(bytes: Uint8Array, start: number, end: number): number {
  const next = readVarint(bytes, start, end);
  if (next === FAILED) return FAILED;
  return varint === (varint | 0) ? next : fail("avro.range");
}

function scanEnum(symbols: number, bytes: Uint8Array, start: number, end: number): number {
  const next = readVarint(bytes, start, end);
  if (next === FAILED) return FAILED;
  return varint >= 0 && varint < symbols ? next : fail("avro.enum");
}

function scanString(bytes: Uint8Array, start: number, end: number): number {
  const first = start < end ? (bytes[start] ?? 0) : 0x80;
  let at = start + 1;
  let length = first >> 1;
  if (first >= 0x80 || (first & 1) === 1) {
    at = readVarint(bytes, start, end);
    if (at === FAILED) return FAILED;
    length = varint;
    if (length < 0) return fail("avro.count");
  }
  const next = at + length;
  if (next > end) return fail("avro.truncated");
  let bits = 0;
  for (let index = at; index < next; index += 1) bits |= bytes[index] ?? 0;
  if (bits < 0x80) return next;
  textBeyondAscii = true;
  return isUtf8(bytes.subarray(at, next)) ? next : fail("avro.utf8");
}

function scanArray(
  item: ScanProgram,
  itemsMax: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start;
  let left = itemsMax;
  for (;;) {
    at = readVarint(bytes, at, end);
    if (at === FAILED) return FAILED;
    const count = varint;
    if (count === 0) return at;
    // A negative count announces the block's size in bytes. No writer of ours makes such blocks,
    // and a lie in that size is one more thing to check, so they are refused.
    if (count < 0 || count > left || count > itemsLeft) return fail("avro.count");
    if (count * item.bytesMin > end - at) return fail("avro.count");
    left -= count;
    itemsLeft -= count;
    for (let done = 0; done < count; done += 1) {
      at = scanRecord(item, bytes, at, end);
      if (at === FAILED) return FAILED;
    }
  }
}
