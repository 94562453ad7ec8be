/** Up to here a loop is done sooner than the call that writes any text. */
const SHORT_TEXT = 40;

/**
 * Bytes on their way to the server. What is written here is what the socket gets: a value is copied
 * once, where the driver would copy it from array to parameter to message.
 */
export class WireBuffer {
  bytes: Buffer;
  /** Of `bytes`. The engine turns its calls into single stores, `Buffer` writes byte by byte. */
  view: DataView;
  /** Where the next byte goes. */
  at = 0;
  #taken = 0;

  constructor(size = 65_536) {
    this.bytes = Buffer.allocUnsafe(size);
    this.view = viewOf(this.bytes);
  }

  /** Bytes that were written and not yet taken. */
  get pending(): number {
    return this.at - this.#taken;
  }

  /** Makes room for `size` more bytes. Offsets stay; `bytes` and `view` may be others afterwards. */
  reserve(size: number): void {
    const needed = this.at + size;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(larger, this.#taken, this.#taken, this.at);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  byte(value: number): void {
    this.reserve(1);
    this.view.setUint8(this.at, value);
    this.at += 1;
  }

  int16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.at, value);
    this.at += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  /** Text as its bytes in UTF-8, without length or end. */
  text(value: string): void {
    // A UTF-16 unit becomes at most three bytes.
    this.reserve(value.length * 3);
    if (value.length > SHORT_TEXT || !this.#ascii(value)) {
      this.at += this.bytes.write(value, this.at, "utf8");
    }
  }

  /** False, and nothing written, when there is more in the text than ASCII. */
  #ascii(value: string): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[at + index] = unit;
    }
    this.at = at + value.length;
    return true;
  }

  /** Leaves room for a length and returns where, for `closeLength`. */
  openLength(): number {
    const start = this.at;
    this.int32(0);
    return start;
  }

  /** Fills in, at `start`, how many bytes have followed the length, and `more`. */
  closeLength(start: number, more = 0): void {
    this.view.setInt32(start, this.at - start - 4 + more);
  }

  /** A view of what was written since the last take; valid until `reset`. */
  take(): Buffer {
    const view = this.bytes.subarray(this.#taken, this.at);
    this.#taken = this.at;
    return view;
  }

  /** Starts over in the same memory, once whatever was taken has been sent. */
  reset(): void {
    this.at = 0;
    this.#taken = 0;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
