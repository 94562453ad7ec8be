import { Buffer, isUtf8 } from "node:buffer";

/**
 * Strings out of a message. Those up to 31 bytes are kept: symbols, sources, days and reasons
 * repeat without end, and taking the same string again is several times faster than making it,
 * here and wherever it is a map key. Ids have 36 bytes, never repeat and stay out. Which string sits
 * in a slot depends on the past, its content never does.
 */

/** Seven words of four bytes and one of what is left. */
const KEPT_BYTES_MAX = 31;
const WORDS = 8;
const SLOTS = 4096;
const FNV_PRIME = 0x0100_0193;
const BEYOND_ASCII = 0x8080_8080;

export class TextReader {
  readonly #view: DataView;
  readonly #buffer: Buffer;
  readonly #words = new Int32Array(WORDS);
  readonly #kept: string[] = Array.from({ length: SLOTS }, () => "");
  readonly #keptWords = new Int32Array(SLOTS * WORDS);

  /** Reads from the memory of `bytes`, whatever it holds at the time of the call. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The text in [start, stop), or null when that is no UTF-8. */
  read(start: number, stop: number): string | null {
    if (stop - start <= KEPT_BYTES_MAX) return this.#readShort(start, stop);
    if (!this.#isAscii(start, stop)) return this.#decodeUtf8(start, stop);
    return this.#buffer.toString("latin1", start, stop);
  }

  /** Whether `read` would give a text. */
  isText(start: number, stop: number): boolean {
    return this.#isAscii(start, stop) || isUtf8(this.#buffer.subarray(start, stop));
  }

  #isAscii(start: number, stop: number): boolean {
    let bits = 0;
    let at = start;
    for (; at + 4 <= stop; at += 4) bits |= this.#view.getInt32(at, true);
    bits |= this.#tail(at, stop);
    return (bits & BEYOND_ASCII) === 0;
  }

  #readShort(start: number, stop: number): string | null {
    const words = this.#words;
    let bits = 0;
    let hash = stop - start;
    let count = 0;
    let at = start;
    for (; at + 4 <= stop; at += 4) {
      const word = this.#view.getInt32(at, true);
      words[count++] = word;
      bits |= word;
      hash = Math.imul(hash ^ word, FNV_PRIME);
    }
    const tail = this.#tail(at, stop);
    words[count++] = tail;
    if (((bits | tail) & BEYOND_ASCII) !== 0) return this.#decodeUtf8(start, stop);
    hash = Math.imul(hash ^ tail, FNV_PRIME);
    return this.#keep((hash ^ (hash >>> 15)) & (SLOTS - 1), count, start, stop);
  }

  #keep(slot: number, count: number, start: number, stop: number): string {
    const kept = this.#kept[slot] ?? "";
    const first = slot * WORDS;
    let same = kept.length === stop - start;
    for (let index = 0; same && index < count; index += 1) {
      same = this.#keptWords[first + index] === this.#words[index];
    }
    if (same) return kept;
    const made = this.#buffer.toString("latin1", start, stop);
    this.#kept[slot] = made;
    this.#keptWords.set(this.#words, first);
    return made;
  }

  /** Up to three bytes as one word. */
  #tail(start: number, stop: number): number {
    let word = 0;
    for (let at = stop - 1; at >= start; at -= 1) word = (word << 8) | this.#view.getUint8(at);
    return word;
  }

  /** Bytes that are no UTF-8 become U+FFFD in silence; only then is it worth asking what they were. */
  #decodeUtf8(start: number, stop: number): string | null {
    const decoded = this.#buffer.toString("utf8", start, stop);
    if (!decoded.includes("\ufffd")) return decoded;
    return isUtf8(this.#buffer.subarray(start, stop)) ? decoded : null;
  }
}
