/** Messages as MD5 and SHA-256 take them apart. */

export const BLOCK_BYTES = 64;
/** The length in bits stands in the last eight bytes of the last block. */
const LENGTH_BYTES = 8;

const encoder = new TextEncoder();

/**
 * The UTF-8 bytes of a text, a one bit, zeros, and their length in bits, to a whole number of
 * blocks. MD5 writes the length with its least significant byte first, SHA-256 last.
 */
export function paddedBlocks(text: string, littleEndian: boolean): DataView<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const blocks = Math.ceil((bytes.length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
  const message = new Uint8Array(blocks * BLOCK_BYTES);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setBigUint64(message.length - LENGTH_BYTES, BigInt(bytes.length) * 8n, littleEndian);
  return view;
}
