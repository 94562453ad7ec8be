/**
 * Bytes on their way to the server. What is written here is what the socket gets: a value is copied
 * once, where the driver would copy it from array to parameter to message.
 */
export class WireBuffer {
  bytes: Buffer;
  /** Where the next byte goes. */
  at = 0;
  #taken = 0;

  constructor(size = 65_536) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Bytes that were written and not yet taken. */
  get pending(): number {
    return this.at - this.#taken;
  }

  /** Makes room for `size` more bytes. Offsets stay; `bytes` may be another buffer afterwards. */
  reserve(size: number): void {
    const needed = this.at + size;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(larger, this.#taken, this.#taken, this.at);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.at = this.bytes.writeUInt8(value, this.at);
  }

  int16(value: number): void {
    this.reserve(2);
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  /** Text as its bytes in UTF-8, without length or end. */
  text(value: string): void {
    // A UTF-16 unit becomes at most three bytes.
    this.reserve(value.length * 3);
    this.at += this.bytes.write(value, this.at, "utf8");
  }

  /** Leaves room for a length and returns where, for `closeLength`. */
  openLength(): number {
    const start = this.at;
    this.int32(0);
    return start;
  }

  /** Fills in, at `start`, how many bytes have followed the length, and `more`. */
  closeLength(start: number, more = 0): void {
    this.bytes.writeInt32BE(this.at - start - 4 + more, start);
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
