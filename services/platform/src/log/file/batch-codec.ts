import type { Headers, LogRecord } from "../port.ts";

/*
 * A batch is the records of one partition from one group commit, one after the other:
 *
 *   key      varint 0: null; 1: a new text, follows; n: text n - 2 of the keys seen so far
 *   value    varint 0: null; n: n - 1 bytes, at the end of the record
 *   headers  varint 0: the names of the record before; n: n - 1 new names follow, each a text
 *            each value: varint 0: that of the record before (same names); n: n - 1 bytes follow
 *   text     varint of its length in bytes, UTF-8
 *
 * Neighbours share symbols, sources and types: written once, they cost nothing to decode either.
 */

const INITIAL_BYTES = 4_096;
/** Up to here a loop in JavaScript beats the call into the runtime's encoder. */
const SHORT_TEXT_UNITS = 48;
const MAX_VARINT_BYTES = 5;
const MAX_BYTES_PER_UNIT = 3;

export class BatchEncoder {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #at = 0;
  #records = 0;
  readonly #keys = new Map<string, number>();
  #names: string[] = [];
  #values: string[] = [];

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#at;
  }

  add(key: string | null, value: Uint8Array | null, headers: Headers): void {
    this.#writeKey(key);
    const valueBytes = value === null ? 0 : value.length;
    this.#reserve(2 * MAX_VARINT_BYTES);
    this.#writeVarint(value === null ? 0 : valueBytes + 1);
    this.#writeHeaders(headers);
    if (value !== null) {
      this.#reserve(valueBytes);
      this.#buffer.set(value, this.#at);
      this.#at += valueBytes;
    }
    this.#records += 1;
  }

  /** The encoded batch, a copy; the encoder is empty again. */
  take(): Buffer {
    const body = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    this.#records = 0;
    this.#keys.clear();
    this.#names = [];
    this.#values = [];
    return body;
  }

  #writeKey(key: string | null): void {
    this.#reserve(MAX_VARINT_BYTES);
    if (key === null) {
      this.#writeVarint(0);
      return;
    }
    const known = this.#keys.get(key);
    if (known !== undefined) {
      this.#writeVarint(known + 2);
      return;
    }
    this.#keys.set(key, this.#keys.size);
    this.#writeVarint(1);
    this.#writeText(key, 0);
  }

  #writeHeaders(headers: Headers): void {
    const sameNames = this.#hasSameNames(headers);
    if (sameNames) {
      this.#writeVarint(0);
    } else {
      this.#names = Object.keys(headers);
      this.#writeVarint(this.#names.length + 1);
      for (const name of this.#names) this.#writeText(name, 0);
    }
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      const text = headers[names[i] ?? ""] ?? "";
      if (sameNames && text === this.#values[i]) {
        this.#reserve(1);
        this.#writeVarint(0);
      } else {
        this.#writeText(text, 1);
        this.#values[i] = text;
      }
    }
  }

  #hasSameNames(headers: Headers): boolean {
    if (this.#records === 0) return false;
    const names = this.#names;
    let i = 0;
    for (const name in headers) {
      if (names[i] !== name) return false;
      i += 1;
    }
    return i === names.length;
  }

  /** Writes the length in bytes plus `bias`, then the bytes. */
  #writeText(text: string, bias: number): void {
    const units = text.length;
    this.#reserve(MAX_VARINT_BYTES + units * MAX_BYTES_PER_UNIT);
    if (units <= SHORT_TEXT_UNITS && this.#writeShortAscii(text, bias)) return;
    this.#writeVarint(Buffer.byteLength(text) + bias);
    this.#at += this.#buffer.write(text, this.#at);
  }

  #writeShortAscii(text: string, bias: number): boolean {
    const buffer = this.#buffer;
    const units = text.length;
    const start = this.#at + 1;
    let seen = 0;
    for (let i = 0; i < units; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      buffer[start + i] = unit;
    }
    if (seen > 0x7f) return false;
    buffer[this.#at] = units + bias;
    this.#at = start + units;
    return true;
  }

  /** Unsigned LEB128. Callers have reserved the room. */
  #writeVarint(value: number): void {
    const buffer = this.#buffer;
    let rest = value;
    while (rest > 0x7f) {
      buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

/** Where a batch lies, and what all its records have in common. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record. */
  readonly base: number;
  readonly records: number;
  readonly appendedAtMs: number;
}

/**
 * Records of a batch; values are views of `body`. The caller has checked the checksum: anything
 * that does not add up here is thrown as `RangeError`.
 */
export function decodeBatch(place: BatchPlace, body: Uint8Array): LogRecord[] {
  const cursor = new Cursor(body);
  const { topic, partition, base, appendedAtMs } = place;
  const keys: string[] = [];
  let names: readonly string[] = [];
  let texts: string[] = [];
  const records: LogRecord[] = [];
  for (let i = 0; i < place.records; i++) {
    const key = decodeKey(cursor, keys);
    const valueBytes = cursor.varint() - 1;
    const newNames = cursor.varint();
    if (newNames > 0) {
      names = Array.from({ length: newNames - 1 }, () => cursor.text(cursor.varint()));
      texts = [];
    }
    const headers = decodeHeaders(cursor, names, texts);
    const value = valueBytes < 0 ? null : cursor.view(valueBytes);
    records.push({ topic, partition, offset: base + i, key, value, headers, appendedAtMs });
  }
  cursor.expectEnd();
  return records;
}

function decodeKey(cursor: Cursor, keys: string[]): string | null {
  const kind = cursor.varint();
  if (kind === 0) return null;
  if (kind > 1) {
    const known = keys[kind - 2];
    if (known === undefined) throw new RangeError("batch refers to a key it does not hold");
    return known;
  }
  const key = cursor.text(cursor.varint());
  keys.push(key);
  return key;
}

function decodeHeaders(cursor: Cursor, names: readonly string[], texts: string[]): Headers {
  const headers: Record<string, string> = {};
  for (let i = 0; i < names.length; i++) {
    const length = cursor.varint();
    if (length > 0) texts[i] = cursor.text(length - 1);
    const name = names[i];
    const text = texts[i];
    if (name === undefined || text === undefined) throw new RangeError("batch lacks a header");
    if (name === "__proto__") defineOwn(headers, name, text);
    else headers[name] = text;
  }
  return headers;
}

/** Assignment to this one name would set the prototype instead. */
function defineOwn(headers: Record<string, string>, name: string, text: string): void {
  Object.defineProperty(headers, name, {
    value: text,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError("batch ends within a number");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("batch holds a number of more than five bytes");
  }

  text(bytes: number): string {
    const start = this.#take(bytes);
    return this.#bytes.toString("utf8", start, this.#at);
  }

  view(bytes: number): Uint8Array {
    const start = this.#take(bytes);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, bytes);
  }

  expectEnd(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("batch holds more than its records");
  }

  #take(bytes: number): number {
    const start = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new RangeError("batch ends within a record");
    return start;
  }
}
