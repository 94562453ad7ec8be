/**
 * Bytes of keyed state. A writer is reused from commit to commit and hands out views, because a
 * small ArrayBuffer for each value costs more than its content and drives V8 into full collections
 * (29 over a simulated market, 12 without).
 */

const INITIAL_BYTES = 4_096;
const MAX_BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Writes values one after the other; numbers are big-endian. */
export class StateWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #start = 0;

  /** Begins anew: what `take` has handed out until now may be written over. */
  reset(): void {
    this.#at = 0;
    this.#start = 0;
  }

  /** What was written since the last `take`, valid until `reset`. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return taken;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** Any number, NaN and infinities too. */
  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  /** Two bytes of length, then UTF-8. Throws RangeError for more than 65,535 bytes. */
  text(value: string): void {
    const lengthAt = this.#at;
    this.uint16(0);
    this.utf8(value);
    const length = this.#at - lengthAt - 2;
    if (length > 0xffff) throw new RangeError(`a text of ${length} bytes is too long for state`);
    this.#view.setUint16(lengthAt, length);
  }

  /** UTF-8 without a length, for a value that is nothing but one text. */
  utf8(value: string): void {
    this.#reserve(value.length * MAX_BYTES_PER_UNIT);
    if (this.#ascii(value)) return;
    this.#at += encoder.encodeInto(value, this.#bytes.subarray(this.#at)).written;
  }

  /** Ids, symbols and dates are short ASCII, for which a loop is faster than a call to the encoder. */
  #ascii(value: string): boolean {
    const { length } = value;
    if (length > 48) return false;
    let bits = 0;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      bits |= code;
      this.#bytes[this.#at + index] = code;
    }
    if (bits > 0x7f) return false;
    this.#at += length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    // Views that were handed out keep the old memory and what is in it.
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what a `StateWriter` wrote. Throws RangeError past the end, TypeError for broken UTF-8. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    this.#at += 1;
    return this.#view.getUint8(this.#at - 1);
  }

  uint16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  float64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8);
  }

  boolean(): boolean {
    return this.uint8() !== 0;
  }

  text(): string {
    const length = this.uint16();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("stored state ends within a text");
    const text = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  /** Throws RangeError unless everything was read: a longer value is of another version. */
  expectEnd(): void {
    if (this.left !== 0) throw new RangeError(`stored state has ${this.left} bytes too many`);
  }
}
