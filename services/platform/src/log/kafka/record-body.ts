import type { Append } from "../port.ts";

/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
/** The longest form of a 32-bit number. */
const MAX_VARINT_BYTES = 5;
/** Bodies share chunks: a buffer of its own for each would cost more than its bytes. */
const CHUNK_BYTES = 262_144;

let chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
let used = 0;

/**
 * Key, value and headers as they stand at the end of a record of a batch (format 2), copied: the
 * caller may use its buffers again at once. Text must be well formed. `rewriteValue` may change the
 * bytes of the copied value, not their number.
 */
export function recordBody(
  { key, value, headers }: Pick<Append, "key" | "value" | "headers">,
  rewriteValue?: (value: Uint8Array) => void,
): Buffer {
  let bound = 3 * MAX_VARINT_BYTES + (value?.length ?? 0);
  if (key !== null) bound += key.length * MAX_BYTES_PER_UNIT;
  let count = 0;
  for (const name in headers) {
    const units = name.length + (headers[name] ?? "").length;
    bound += units * MAX_BYTES_PER_UNIT + 2 * MAX_VARINT_BYTES;
    count += 1;
  }
  const from = reserve(bound);
  let at = key === null ? writeVarint(chunk, from, -1) : writeText(chunk, from, key);
  at = writeVarint(chunk, at, value === null ? -1 : value.length);
  if (value !== null) {
    chunk.set(value, at);
    rewriteValue?.(chunk.subarray(at, at + value.length));
    at += value.length;
  }
  at = writeVarint(chunk, at, count);
  for (const name in headers) {
    at = writeText(chunk, at, name);
    at = writeText(chunk, at, headers[name] ?? "");
  }
  used = at;
  return chunk.subarray(from, at);
}

/** Where in the chunk so many bytes are free. */
function reserve(bytes: number): number {
  if (used + bytes > chunk.length) {
    chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
    used = 0;
  }
  return used;
}

function writeText(into: Buffer, at: number, text: string): number {
  const start = at + varintBytes(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return writeWideText(into, at, text);
    into[start + index] = unit;
  }
  writeVarint(into, at, text.length);
  return start + text.length;
}

function writeWideText(into: Buffer, at: number, text: string): number {
  const bytes = Buffer.byteLength(text);
  const start = writeVarint(into, at, bytes);
  return start + into.write(text, start, bytes, "utf8");
}

/** Writes a signed number of at most 31 bits, zigzag; where the next byte goes. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  let left = ((value << 1) ^ (value >> 31)) >>> 0;
  let next = at;
  while (left > 0x7f) {
    into[next] = (left & 0x7f) | 0x80;
    left >>>= 7;
    next += 1;
  }
  into[next] = left;
  return next + 1;
}

/** Bytes that `writeVarint` takes for a number from 0 on. */
export function varintBytes(value: number): number {
  if (value < 1 << 6) return 1;
  if (value < 1 << 13) return 2;
  if (value < 1 << 20) return 3;
  return value < 1 << 27 ? 4 : MAX_VARINT_BYTES;
}
