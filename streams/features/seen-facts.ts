import { KeyedStore } from "../kernel/keyed-store.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { StateReader, type StateWriter } from "../kernel/state-bytes.ts";

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

/** Words before the facts: how many there are, and the place of the chunk in the order of writing. */
const HEAD = 2;
const COUNT = 0;
const SEQUENCE = 1;

function newChunk(): SeenChunk {
  return new Uint32Array(HEAD + CHUNK * WORDS);
}

/** Eight hexadecimal digits of a lower-case id: 23 ns, of a slice and `parseInt` 38. */
function word(id: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at += 1) {
    const code = id.charCodeAt(at);
    value = (value << 4) | (code <= 57 ? code - 48 : code - 87);
  }
  return value >>> 0;
}

/** What is kept of an id: its first and last eight digits, neither of which holds a dash. */
const firstWord = (id: string): number => word(id, 0);
const lastWord = (id: string): number => word(id, 28);

function encodeChunk(chunk: SeenChunk, into: StateWriter): void {
  const used = HEAD + (chunk[COUNT] ?? 0) * WORDS;
  for (let index = 0; index < used; index += 1) into.uint32(chunk[index] ?? 0);
}

function decodeChunk(bytes: Uint8Array): SeenChunk {
  const chunk = newChunk();
  const from = new StateReader(bytes);
  for (let index = 0; from.left > 0; index += 1) chunk[index] = from.uint32();
  return chunk;
}

/** The chunks of one symbol, a ring: chunk `n` is stored under the `n`-th key. */
export class SymbolMemory {
  readonly #store: KeyedStore<SeenChunk>;
  readonly #keys: readonly string[];
  readonly #chunks: (SeenChunk | undefined)[];
  /** The chunk that was begun last. */
  #writing = 0;
  /** `generation` of the store in which that chunk was last marked as changed. */
  #touchedIn = -1;

  constructor(symbol: string, store: KeyedStore<SeenChunk>) {
    this.#store = store;
    this.#keys = Array.from({ length: CHUNKS }, (_, number) => `${symbol}#${number}`);
    this.#chunks = this.#keys.map((key) => store.get(key));
    let newest = -1;
    this.#chunks.forEach((chunk, number) => {
      const sequence = chunk?.[SEQUENCE] ?? -1;
      if (sequence <= newest) return;
      newest = sequence;
      this.#writing = number;
    });
  }

  /** Whether this fact was taken before; a new one is remembered. */
  sight({ id, late, checksum = 0 }: AnyEvent): Sighting {
    const first = firstWord(id);
    const last = lastWord(id);
    // Copies inside one slice stand next to each other once the slice is in order.
    if (late === true || this.#newestFirstWord() === first) {
      const sighting = this.#look(first, last, checksum >>> 0);
      if (sighting !== "new") return sighting;
    }
    this.#remember(first, last, checksum);
    return "new";
  }

  #newestFirstWord(): number | undefined {
    const chunk = this.#chunks[this.#writing];
    const count = chunk?.[COUNT] ?? 0;
    return count === 0 ? undefined : chunk?.[HEAD + (count - 1) * WORDS];
  }

  #look(first: number, last: number, checksum: number): Sighting {
    for (const chunk of this.#chunks) {
      if (chunk === undefined) continue;
      const end = HEAD + (chunk[COUNT] ?? 0) * WORDS;
      for (let at = HEAD; at < end; at += WORDS) {
        if (chunk[at] !== first || chunk[at + 1] !== last) continue;
        return chunk[at + 2] === checksum ? "repeated" : "conflict";
      }
    }
    return "new";
  }

  #remember(first: number, last: number, checksum: number): void {
    let chunk = this.#chunks[this.#writing];
    if (chunk === undefined || chunk[COUNT] === CHUNK) chunk = this.#nextChunk(chunk);
    const count = chunk[COUNT] ?? 0;
    const at = HEAD + count * WORDS;
    chunk[at] = first;
    chunk[at + 1] = last;
    chunk[at + 2] = checksum;
    chunk[COUNT] = count + 1;
    const { generation } = this.#store;
    if (this.#touchedIn === generation) return;
    this.#touchedIn = generation;
    this.#store.touch(this.#keys[this.#writing] ?? "");
  }

  /** Begins the chunk after a full one, or the first. The oldest facts give way, memory stays. */
  #nextChunk(full: SeenChunk | undefined): SeenChunk {
    if (full !== undefined) this.#writing = (this.#writing + 1) % CHUNKS;
    const chunk = this.#chunks[this.#writing] ?? newChunk();
    chunk[COUNT] = 0;
    chunk[SEQUENCE] = (full?.[SEQUENCE] ?? 0) + 1;
    this.#chunks[this.#writing] = chunk;
    this.#store.set(this.#keys[this.#writing] ?? "", chunk);
    return chunk;
  }
}

/** The memory of every symbol of one partition. */
export class SeenFacts {
  readonly store: KeyedStore<SeenChunk>;
  readonly #memories = new Map<string, SymbolMemory>();

  constructor(name: string) {
    this.store = new KeyedStore(name, { encode: encodeChunk, decode: decodeChunk });
  }

  /** The memory of one symbol; ask only when everything committed is restored. */
  memoryOf(symbol: string): SymbolMemory {
    let memory = this.#memories.get(symbol);
    if (memory === undefined) {
      memory = new SymbolMemory(symbol, this.store);
      this.#memories.set(symbol, memory);
    }
    return memory;
  }
}
