import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";

/** The lowest three bits of a batch's attributes, as Kafka numbers its codecs. */
const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

/**
 * Records of a compressed batch, or null when they take more than `maxBytes`: less than a mebibyte of
 * gzip holds 900 MB of zeros, and the client's own codecs make room for all of it. None of these does
 * before it is known to fit. Throws for bytes that are no such compression.
 */
export function decompressed(codec: number, bytes: Buffer, maxBytes: number): Buffer | null {
  switch (codec) {
    case GZIP:
      return withinLimit(() => gunzipSync(bytes, { maxOutputLength: maxBytes }));
    case ZSTD:
      return withinLimit(() => zstdDecompressSync(bytes, { maxOutputLength: maxBytes }));
    case SNAPPY:
      if (snappyBytes(bytes) > maxBytes) return null;
      return compressionsAlgorithms.snappy.decompressSync(bytes);
    case LZ4:
      if (lz4Bytes(bytes, maxBytes) > maxBytes) return null;
      return compressionsAlgorithms.lz4.decompressSync(bytes);
    default:
      throw new RangeError(`compression ${codec} is unknown`);
  }
}

/** Node's codecs stop at their limit with an error of this code. */
function withinLimit(decompress: () => Buffer): Buffer | null {
  try {
    return decompress();
  } catch (error) {
    const isTooLarge =
      error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) return null;
    throw error;
  }
}

/** Java's clients put blocks behind a header of 16 bytes that begins like this, others write one block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** A block of snappy begins with its size; more than it says is an error of the decoder. */
function snappyBytes(bytes: Buffer): number {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return snappyBlockBytes(bytes, 0);
  let total = 0;
  for (let at = XERIAL_HEADER_BYTES; at + 4 < bytes.length; ) {
    total += snappyBlockBytes(bytes, at + 4);
    at += 4 + bytes.readUInt32BE(at);
  }
  return total;
}

function snappyBlockBytes(bytes: Buffer, from: number): number {
  let size = 0;
  // A varint of 32 bits.
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[from + index] ?? 0;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return size;
}

/** Layout of an LZ4 frame (LZ4 Frame Format 1.6). */
const LZ4_MAGIC = 0x184d2204;
const LZ4_HAS_BLOCK_CHECKSUMS = 1 << 4;
const LZ4_HAS_SIZE = 1 << 3;
const LZ4_HAS_CONTENT_CHECKSUM = 1 << 2;
const LZ4_HAS_DICTIONARY = 1;
const LZ4_IS_STORED = 0x80000000;

/**
 * What the blocks of a frame come to, counted from their tokens without writing any of it: the size in
 * a frame's header is optional, and whoever wants to harm leaves it out. Ends past the limit.
 */
function lz4Bytes(bytes: Buffer, maxBytes: number): number {
  let total = 0;
  for (let at = 0; at < bytes.length && total <= maxBytes; ) {
    if (bytes.readUInt32LE(at) !== LZ4_MAGIC) throw new RangeError("this is no LZ4 frame");
    const flags = bytes.readUInt8(at + 4);
    at += 7 + (flags & LZ4_HAS_SIZE ? 8 : 0) + (flags & LZ4_HAS_DICTIONARY ? 4 : 0);
    for (let size = bytes.readUInt32LE(at); size !== 0 && total <= maxBytes; ) {
      const isStored = size >= LZ4_IS_STORED;
      const length = isStored ? size - LZ4_IS_STORED : size;
      const block = bytes.subarray(at + 4, at + 4 + length);
      total += isStored ? block.length : lz4BlockBytes(block);
      at += 4 + length + (flags & LZ4_HAS_BLOCK_CHECKSUMS ? 4 : 0);
      size = bytes.readUInt32LE(at);
    }
    at += 4 + (flags & LZ4_HAS_CONTENT_CHECKSUM ? 4 : 0);
  }
  return total;
}

/** Lengths of the literals and matches of a block (LZ4 Block Format). */
function lz4BlockBytes(block: Buffer): number {
  let total = 0;
  let at = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < 15) return sum;
    for (let byte = 255; byte === 255; at += 1) {
      byte = block[at] ?? 0;
      sum += byte;
    }
    return sum;
  };
  while (at < block.length) {
    const token = block[at] ?? 0;
    at += 1;
    const literals = length(token >>> 4);
    total += literals;
    at += literals;
    // The last sequence is literals only.
    if (at >= block.length) break;
    at += 2;
    total += length(token & 0x0f) + 4;
  }
  return total;
}
