/**
 * Recognises a fact that was delivered twice. Only a late fact can be a repetition (a copy carries
 * the publication time of the original, which an earlier tick has covered), so a short memory per
 * symbol is enough: the last 512 facts, in chunks of 64 so that little is written per commit.
 */

const CHUNK = 64;
export const SEEN_CHUNKS = 8;
/** Per fact: two words of its id and its checksum. */
const WORDS = 3;

export type SeenChunk = Uint32Array;

export type Sighting = "new" | "repeated" | "conflict";

/** First word holds the number of facts written to the chunk. */
export function newChunk(): SeenChunk {
  return new Uint32Array(1 + CHUNK * WORDS);
}

export function isFull(chunk: SeenChunk): boolean {
  return (chunk[0] ?? 0) >= CHUNK;
}

function word(id: string, at: number): number {
  return Number.parseInt(id.slice(at, at + 8), 16);
}

export function remember(chunk: SeenChunk, id: string, checksum: number): void {
  const count = chunk[0] ?? 0;
  const at = 1 + count * WORDS;
  chunk[at] = word(id, 0);
  chunk[at + 1] = word(id, 28);
  chunk[at + 2] = checksum;
  chunk[0] = count + 1;
}

/** Whether the chunk holds the id, and if so with the same content. */
export function look(chunk: SeenChunk, id: string, checksum: number): Sighting {
  const first = word(id, 0);
  const second = word(id, 28);
  const end = 1 + (chunk[0] ?? 0) * WORDS;
  for (let at = 1; at < end; at += WORDS) {
    if (chunk[at] === first && chunk[at + 1] === second) {
      return chunk[at + 2] === checksum >>> 0 ? "repeated" : "conflict";
    }
  }
  return "new";
}

export function encodeChunk(chunk: SeenChunk): Uint8Array {
  const used = 1 + (chunk[0] ?? 0) * WORDS;
  const bytes = new Uint8Array(used * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < used; index += 1) view.setUint32(index * 4, chunk[index] ?? 0);
  return bytes;
}

export function decodeChunk(bytes: Uint8Array): SeenChunk {
  const chunk = newChunk();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index * 4 < bytes.byteLength; index += 1) {
    chunk[index] = view.getUint32(index * 4);
  }
  return chunk;
}
