/**
 * Kafka's default partitioner, so that a key lies in the same partition in every adapter and for
 * every stock client: `toPositive(murmur2(utf8(key))) % partitions`, as in
 * `org.apache.kafka.common.utils.Utils`.
 */

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

const utf8 = new TextEncoder();

/** Partition of a key, 0 to `partitions - 1`. The empty key has a partition like any other. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2OfText(key) & 0x7fffffff) % partitions;
}

/** murmur2 of the UTF-8 bytes of a text, as a signed 32-bit integer like Java's. */
export function murmur2OfText(text: string): number {
  const length = text.length;
  const blocks = length & ~3;
  let hash = SEED ^ length;
  let at = 0;
  for (; at < blocks; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    // Below 0x80 a UTF-16 unit is its own UTF-8 byte: symbols never need to be encoded.
    if ((a | b | c | d) > 0x7f) return murmur2(utf8.encode(text));
    hash = mixBlock(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return murmur2(utf8.encode(text));
    tail |= unit << ((at & 3) << 3);
  }
  return finish(hash, tail, length & 3);
}

/** murmur2 of bytes, as a signed 32-bit integer like Java's. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const blocks = length & ~3;
  let hash = SEED ^ length;
  for (let at = 0; at < blocks; at += 4) {
    hash = mixBlock(hash, littleEndian(bytes, at, 4));
  }
  return finish(hash, littleEndian(bytes, blocks, length & 3), length & 3);
}

function littleEndian(bytes: Uint8Array, start: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word |= (bytes[start + i] ?? 0) << (i << 3);
  return word;
}

function mixBlock(hash: number, word: number): number {
  let k = Math.imul(word, MULTIPLIER);
  k ^= k >>> 24;
  return Math.imul(hash, MULTIPLIER) ^ Math.imul(k, MULTIPLIER);
}

function finish(hash: number, tail: number, tailBytes: number): number {
  let h = tailBytes === 0 ? hash : Math.imul(hash ^ tail, MULTIPLIER);
  h ^= h >>> 13;
  h = Math.imul(h, MULTIPLIER);
  return h ^ (h >>> 15);
}
