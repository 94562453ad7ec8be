import { KeyedStore } from "../kernel/keyed-store.ts";
import type { AnyEvent } from "../kernel/stage.ts";

/**
 * Recognises a fact that was delivered twice. Only a late fact can be a repetition (a copy carries
 * the publication time of the original, which an earlier tick has covered), so a short memory per
 * symbol is enough: the last 512 facts, in chunks of 64 so that little is written per commit.
 */

const CHUNK = 64;
const CHUNKS = 8;
/** Per fact: two words of its id and its checksum. */
const WORDS = 3;

type SeenChunk = Uint32Array;

export type Sighting = "new" | "repeated" | "conflict";

/** First word holds the number of facts written to the chunk. */
function newChunk(): SeenChunk {
  return new Uint32Array(1 + CHUNK * WORDS);
}

function isFull(chunk: SeenChunk): boolean {
  return (chunk[0] ?? 0) >= CHUNK;
}

function word(id: string, at: number): number {
  return Number.parseInt(id.slice(at, at + 8), 16);
}

function remember(chunk: SeenChunk, id: string, checksum: number): void {
  const count = chunk[0] ?? 0;
  const at = 1 + count * WORDS;
  chunk[at] = word(id, 0);
  chunk[at + 1] = word(id, 28);
  chunk[at + 2] = checksum;
  chunk[0] = count + 1;
}

/** Whether the chunk holds the id, and if so with the same content. */
function look(chunk: SeenChunk, id: string, checksum: number): Sighting {
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

function encodeChunk(chunk: SeenChunk): Uint8Array {
  const used = 1 + (chunk[0] ?? 0) * WORDS;
  const bytes = new Uint8Array(used * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < used; index += 1) view.setUint32(index * 4, chunk[index] ?? 0);
  return bytes;
}

function decodeChunk(bytes: Uint8Array): SeenChunk {
  const chunk = newChunk();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index * 4 < bytes.byteLength; index += 1) {
    chunk[index] = view.getUint32(index * 4);
  }
  return chunk;
}

/** The memory of every symbol of one partition; chunk `n` of a symbol is stored under `symbol#n`. */
export class SeenFacts {
  readonly store: KeyedStore<SeenChunk>;
  /** Chunk each symbol writes to; rebuilt from the stored chunks after a restart. */
  readonly #writing = new Map<string, number>();

  constructor(name: string) {
    this.store = new KeyedStore(name, { encode: encodeChunk, decode: decodeChunk });
  }

  /** Whether this fact was taken before; a new one is remembered. */
  sight(symbol: string, event: AnyEvent): Sighting {
    const checksum = (event.checksum ?? 0) >>> 0;
    if (event.late === true || this.#isNewest(symbol, event.id)) {
      const sighting = this.#lookEverywhere(symbol, event.id, checksum);
      if (sighting !== "new") return sighting;
    }
    this.#remember(symbol, event.id, checksum);
    return "new";
  }

  /** Copies inside one slice stand next to each other once the slice is in order. */
  #isNewest(symbol: string, id: string): boolean {
    const chunk = this.store.get(`${symbol}#${this.#writingChunk(symbol)}`);
    const count = chunk?.[0] ?? 0;
    if (chunk === undefined || count === 0) return false;
    return chunk[1 + (count - 1) * WORDS] === word(id, 0);
  }

  #lookEverywhere(symbol: string, id: string, checksum: number): Sighting {
    for (let number = 0; number < CHUNKS; number += 1) {
      const chunk = this.store.get(`${symbol}#${number}`);
      if (chunk === undefined) continue;
      const sighting = look(chunk, id, checksum);
      if (sighting !== "new") return sighting;
    }
    return "new";
  }

  #remember(symbol: string, id: string, checksum: number): void {
    let number = this.#writingChunk(symbol);
    let chunk = this.store.get(`${symbol}#${number}`);
    if (chunk !== undefined && isFull(chunk)) {
      number = (number + 1) % CHUNKS;
      this.#writing.set(symbol, number);
      chunk = undefined;
    }
    const key = `${symbol}#${number}`;
    if (chunk === undefined) {
      chunk = newChunk();
      this.store.set(key, chunk);
    }
    remember(chunk, id, checksum);
    this.store.touch(key);
  }

  /** The chunk after the last full one: the one that is not full, or the first. */
  #writingChunk(symbol: string): number {
    const known = this.#writing.get(symbol);
    if (known !== undefined) return known;
    let writing = 0;
    for (let number = 0; number < CHUNKS; number += 1) {
      const chunk = this.store.get(`${symbol}#${number}`);
      if (chunk !== undefined && !isFull(chunk)) writing = number;
    }
    this.#writing.set(symbol, writing);
    return writing;
  }
}
