import type { Headers } from "../port.ts";

/** A record of a batch. */
export interface DecodedRecord {
  readonly offsetDelta: number;
  /** ms after the first time of the batch. */
  readonly timestampDelta: number;
  readonly key: string | null;
  /** A view of the batch. */
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** A text that stood at the same place in the record before. */
interface LastText {
  from: number;
  length: number;
  text: string;
}

const FIRST_BITS = 0x7f;
const MORE = 0x80;

/**
 * Reads records of a batch one after the other. Headers repeat from record to record in the same
 * order, so a name or text with the bytes of the one before at its place is that string again: making
 * a string takes ten times as long as comparing its bytes.
 */
export class RecordDecoder {
  readonly #bytes: Buffer;
  #at: number;
  readonly #lastNames: LastText[] = [];
  readonly #lastTexts: LastText[] = [];

  /** `bytes` hold records from `at` on. */
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Throws RangeError for anything but a whole record. */
  next(): DecodedRecord {
    const length = this.#varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new RangeError("a record is cut off");
    // Attributes of a record, of which there are none.
    this.#at += 1;
    const timestampDelta = this.#varint();
    const offsetDelta = this.#varint();
    const keyFrom = this.#skipBytes();
    const key = keyFrom === null ? null : this.#utf8(keyFrom);
    const valueFrom = this.#skipBytes();
    const value = valueFrom === null ? null : this.#bytes.subarray(valueFrom, this.#at);
    const headers = this.#headers();
    if (this.#at !== end) throw new RangeError("a record is not as long as it says");
    return { offsetDelta, timestampDelta, key, value, headers };
  }

  #headers(): Headers {
    const count = this.#varint();
    const headers: Record<string, string> = {};
    for (let place = 0; place < count; place += 1) {
      const name = this.#text(place, this.#lastNames);
      const text = this.#text(place, this.#lastTexts);
      if (name === "__proto__") defineOwn(headers, name, text);
      else headers[name] = text;
    }
    return headers;
  }

  #text(place: number, lastTexts: LastText[]): string {
    const from = this.#skipBytes() ?? this.#at;
    const length = this.#at - from;
    const last = lastTexts[place];
    if (last === undefined) {
      const text = this.#utf8(from);
      lastTexts[place] = { from, length, text };
      return text;
    }
    if (!this.#isSame(last, from, length)) {
      last.text = this.#utf8(from);
      last.length = length;
    }
    last.from = from;
    return last.text;
  }

  #isSame(last: LastText, from: number, length: number): boolean {
    if (last.length !== length) return false;
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) {
      if (bytes[from + index] !== bytes[last.from + index]) return false;
    }
    return true;
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
    // Nearly all take a byte or two.
    if (byte < MORE) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & FIRST_BITS;
    for (let scale = 2 ** 7; byte >= MORE; scale *= 2 ** 7) {
      byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & FIRST_BITS) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Assignment to `__proto__` would set the prototype instead. */
function defineOwn(headers: Record<string, string>, name: string, text: string): void {
  Object.defineProperty(headers, name, {
    value: text,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
