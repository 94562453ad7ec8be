import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { crc32 } from "node:zlib";
import { corrupt } from "./failure.ts";

const SLOT_BYTES = 12;
/** The two slots lie in pages of their own and are written in turn: a torn write spoils but one. */
const SLOT_STRIDE = 4_096;

/**
 * The number of the last acknowledged commit, kept beside the store and written after the store
 * has synced and before anybody is told. SQLite ends its write-ahead log in silence at the first
 * frame that does not add up, which is right for a torn tail and wrong for damage in acknowledged
 * commits; a store behind this mark is damaged. The mark is not synced itself: after a power loss
 * it may be older than the store, never newer.
 */
export class AcknowledgedMark {
  readonly #path: string;
  readonly #file: number;
  readonly #slot = Buffer.alloc(SLOT_BYTES);

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, "r+");
  }

  /**
   * Built under another name: a mark that a crash left half-written would be taken for damage. The
   * caller syncs the directory.
   */
  static create(path: string): void {
    const unfinished = `${path}.new`;
    const file = openSync(unfinished, "w", 0o600);
    try {
      const bytes = Buffer.alloc(SLOT_STRIDE * 2);
      encodeSlot(bytes, 0);
      writeWhole(file, bytes, 0, unfinished);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  }

  /** Undefined when there is no mark; throws `log.corrupt` when neither slot is whole. */
  static read(path: string): number | undefined {
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    const slots = [0, SLOT_STRIDE].map((at) => decodeSlot(bytes.subarray(at, at + SLOT_BYTES)));
    const newest = Math.max(...slots);
    if (newest < 0) throw corrupt(path, "it holds no readable mark", { offset: 0 });
    return newest;
  }

  write(seq: number): void {
    encodeSlot(this.#slot, seq);
    writeWhole(this.#file, this.#slot, (seq % 2) * SLOT_STRIDE, this.#path);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function encodeSlot(slot: Buffer, seq: number): void {
  slot.writeBigUInt64LE(BigInt(seq), 0);
  slot.writeUInt32LE(crc32(slot.subarray(0, 8)), 8);
}

/** -1 when the slot is not whole. */
function decodeSlot(slot: Buffer): number {
  if (slot.length < SLOT_BYTES) return -1;
  if (crc32(slot.subarray(0, 8)) !== slot.readUInt32LE(8)) return -1;
  return Number(slot.readBigUInt64LE(0));
}

function writeWhole(file: number, bytes: Buffer, position: number, path: string): void {
  const written = writeSync(file, bytes, 0, bytes.length, position);
  if (written === bytes.length) return;
  throw new Error(`wrote ${written} of ${bytes.length} bytes to ${path}`);
}
