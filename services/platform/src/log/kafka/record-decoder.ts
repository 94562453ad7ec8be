import type { Headers } from "../port.ts";

/** Where a text stood in the record before, and what it was. */
interface LastText {
  from: number;
  length: number;
  text: string;
}

interface LastHeader {
  readonly name: LastText;
  readonly value: LastText;
}

const LOW_BITS = 0x7f;
const MORE = 0x80;

/**
 * Reads records of a batch one after the other; its fields are those of the record that `advance` has
 * come to. Records of a batch mostly have the same header names in the same order, and many of the
 * same values. Such headers are a copy of the ones before with the values that differ: comparing
 * bytes takes a tenth of the time of making strings and growing an object by them.
 */
export class RecordDecoder {
  offsetDelta = 0;
  /** ms after the first time of the batch. */
  timestampDelta = 0;
  key: string | null = null;
  /** A view of the batch. */
  value: Buffer | null = null;
  headers: Headers = {};
  /** Bytes of the value, lengths of key, names and texts: what a read is limited by. */
  size = 0;
  readonly #bytes: Buffer;
  #at: number;
  /** Headers of the record before; empty when the next ones cannot be a copy of them. */
  #last: LastHeader[] = [];

  /** `bytes` hold records from `at` on. */
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Throws RangeError for anything but a whole record. */
  advance(): void {
    const length = this.#varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new RangeError("a record is cut off");
    // Attributes of a record, of which there are none.
    this.#at += 1;
    this.timestampDelta = this.#varint();
    this.offsetDelta = this.#varint();
    const keyFrom = this.#skipBytes();
    this.key = keyFrom === null ? null : this.#utf8(keyFrom);
    const valueFrom = this.#skipBytes();
    this.value = valueFrom === null ? null : this.#bytes.subarray(valueFrom, this.#at);
    this.size = (this.key?.length ?? 0) + (this.value?.length ?? 0);
    this.headers = this.#headers();
    if (this.#at !== end) throw new RangeError("a record is not as long as it says");
  }

  #headers(): Headers {
    const count = this.#varint();
    const first = this.#at;
    const size = this.size;
    if (count > 0 && count === this.#last.length) {
      const copy = { ...this.headers };
      if (this.#update(copy)) return copy;
      this.#at = first;
      this.size = size;
    }
    return this.#newHeaders(count);
  }

  /** Writes what differs into a copy of the headers before; false when a name differs. */
  #update(copy: Record<string, string>): boolean {
    for (const { name, value } of this.#last) {
      if (this.#differs(name)) return false;
      if (this.#differs(value)) copy[name.text] = this.#take(value);
      this.size += name.text.length + value.text.length;
    }
    return true;
  }

  #newHeaders(count: number): Headers {
    const headers: Record<string, string> = {};
    this.#last = [];
    for (let place = 0; place < count; place += 1) {
      const name = this.#nextText();
      const value = this.#nextText();
      defineHeader(headers, name.text, value.text);
      this.#last.push({ name, value });
      this.size += name.text.length + value.text.length;
    }
    // Names that come twice, or that assignment does not set, are written out every time.
    if (Object.keys(headers).length !== count || Object.hasOwn(headers, "__proto__"))
      this.#last = [];
    return headers;
  }

  #nextText(): LastText {
    const from = this.#skipBytes() ?? this.#at;
    return { from, length: this.#at - from, text: this.#utf8(from) };
  }

  /** Goes past a text; whether it is another one than that in the record before. */
  #differs(last: LastText): boolean {
    const bytes = this.#bytes;
    const from = this.#skipBytes() ?? this.#at;
    const length = this.#at - from;
    const before = last.from;
    last.from = from;
    if (last.length !== length) {
      last.length = length;
      return true;
    }
    for (let index = 0; index < length; index += 1) {
      if (bytes[from + index] !== bytes[before + index]) return true;
    }
    return false;
  }

  /** Makes the text that `#differs` went past. */
  #take(last: LastText): string {
    last.text = this.#bytes.toString("utf8", last.from, last.from + last.length);
    return last.text;
  }

  #utf8(from: number): string {
    return this.#bytes.toString("utf8", from, this.#at);
  }

  /** Goes past bytes with their length before them; where they begin, null when there are none. */
  #skipBytes(): number | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("a record is cut off");
    return from;
  }

  /** A zigzag number; those of a batch are safe integers. */
  #varint(): number {
    let byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    // Nearly all take one byte.
    if (byte < MORE) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & LOW_BITS;
    for (let scale = 2 ** 7; byte >= MORE; scale *= 2 ** 7) {
      byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & LOW_BITS) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Assignment to `__proto__` would set the prototype instead. */
function defineHeader(headers: Record<string, string>, name: string, value: string): void {
  if (name !== "__proto__") {
    headers[name] = value;
    return;
  }
  Object.defineProperty(headers, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
