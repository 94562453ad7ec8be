import type { Persistent, StoredChange } from "../kernel/keyed-store.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { StateReader, StateWriter } from "../kernel/state-bytes.ts";
import { readStored } from "../kernel/state-codec.ts";

/**
 * Recognises a fact that was delivered twice. A fact that goes forward in its symbol's time cannot
 * be a repetition, so few are looked up and a short memory per symbol is enough: the last 512 facts,
 * in chunks of 64 so that little is written per commit.
 */

const CHUNK = 64;
const CHUNKS = 8;
/** Per fact: two words of its id and its checksum. */
const WORDS = 3;
/** Words before the facts: how many there are, and the place of the chunk in the order of writing. */
const HEAD = 2;
const COUNT = 0;
const SEQUENCE = 1;
const CHUNK_WORDS = HEAD + CHUNK * WORDS;
/** Of a stored chunk. */
const FORMAT = 1;

export type Sighting = "new" | "repeated" | "conflict";

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

/**
 * The last facts of one symbol: a ring of chunks that lie one after the other in a single array,
 * because an array for each chunk took 3 KB more per symbol.
 */
export class SymbolMemory {
  readonly symbol: string;
  readonly #changed: SymbolMemory[];
  #ring = new Uint32Array(CHUNK_WORDS);
  /** The chunk that was begun last. */
  #writing = 0;
  /** One bit for each chunk that was changed since the last commit. */
  #dirty = 0;

  /** Puts itself into `changed` when there is something to store. */
  constructor(symbol: string, changed: SymbolMemory[]) {
    this.symbol = symbol;
    this.#changed = changed;
  }

  /**
   * Whether this fact was taken before; a new one is remembered. `isForward` says that it happened
   * after all that was taken: then only a copy right behind it is looked for.
   */
  sight({ id, late, checksum = 0 }: AnyEvent, isForward: boolean): Sighting {
    const first = firstWord(id);
    const last = lastWord(id);
    // Copies inside one slice stand next to each other once the slice is in order.
    if (late === true || !isForward || this.#newestFirstWord() === first) {
      const sighting = this.#look(first, last, checksum >>> 0);
      if (sighting !== "new") return sighting;
    }
    this.#remember(first, last, checksum);
    return "new";
  }

  /** Throws RangeError for bytes that are no chunk. */
  restoreChunk(number: number, bytes: Uint8Array): void {
    this.#reserve(number + 1);
    if (bytes.length > CHUNK_WORDS * 4) throw new RangeError(`a chunk of ${bytes.length} bytes`);
    const from = new StateReader(bytes);
    for (let at = number * CHUNK_WORDS; from.left > 0; at += 1) this.#ring[at] = from.uint32();
    const newest = this.#ring[this.#writing * CHUNK_WORDS + SEQUENCE] ?? 0;
    if ((this.#ring[number * CHUNK_WORDS + SEQUENCE] ?? 0) > newest) this.#writing = number;
  }

  /** Writes the chunks that have changed, each with its number. */
  takeChunks(into: StateWriter, take: (number: number, bytes: Uint8Array) => void): void {
    for (let number = 0; number < CHUNKS; number += 1) {
      if ((this.#dirty & (1 << number)) === 0) continue;
      const start = number * CHUNK_WORDS;
      const end = start + HEAD + (this.#ring[start + COUNT] ?? 0) * WORDS;
      into.uint8(FORMAT);
      for (let at = start; at < end; at += 1) into.uint32(this.#ring[at] ?? 0);
      take(number, into.take());
    }
    this.#dirty = 0;
  }

  #newestFirstWord(): number | undefined {
    const start = this.#writing * CHUNK_WORDS;
    const count = this.#ring[start + COUNT] ?? 0;
    return count === 0 ? undefined : this.#ring[start + HEAD + (count - 1) * WORDS];
  }

  #look(first: number, last: number, checksum: number): Sighting {
    const ring = this.#ring;
    for (let start = 0; start < ring.length; start += CHUNK_WORDS) {
      const end = start + HEAD + (ring[start + COUNT] ?? 0) * WORDS;
      for (let at = start + HEAD; at < end; at += WORDS) {
        if (ring[at] !== first || ring[at + 1] !== last) continue;
        return ring[at + 2] === checksum ? "repeated" : "conflict";
      }
    }
    return "new";
  }

  #remember(first: number, last: number, checksum: number): void {
    const start = this.#openChunk();
    const ring = this.#ring;
    const count = ring[start + COUNT] ?? 0;
    const at = start + HEAD + count * WORDS;
    ring[at] = first;
    ring[at + 1] = last;
    ring[at + 2] = checksum;
    ring[start + COUNT] = count + 1;
    if (this.#dirty === 0) this.#changed.push(this);
    this.#dirty |= 1 << this.#writing;
  }

  /** Where the chunk with room for a fact starts. The oldest facts give way, memory stays. */
  #openChunk(): number {
    const start = this.#writing * CHUNK_WORDS;
    const sequence = this.#ring[start + SEQUENCE] ?? 0;
    if (sequence === 0) {
      this.#ring[start + SEQUENCE] = 1;
      return start;
    }
    if (this.#ring[start + COUNT] !== CHUNK) return start;
    this.#writing = (this.#writing + 1) % CHUNKS;
    this.#reserve(this.#writing + 1);
    const next = this.#writing * CHUNK_WORDS;
    this.#ring[next + COUNT] = 0;
    this.#ring[next + SEQUENCE] = sequence + 1;
    return next;
  }

  /** Most symbols are quiet: room doubles as it is needed. */
  #reserve(chunks: number): void {
    let room = this.#ring.length / CHUNK_WORDS;
    if (chunks <= room) return;
    while (room < chunks) room *= 2;
    const grown = new Uint32Array(room * CHUNK_WORDS);
    grown.set(this.#ring);
    this.#ring = grown;
  }
}

/** The memory of every symbol of one partition; chunk `n` is stored under `symbol#n`. */
export class SeenFacts implements Persistent {
  readonly name: string;
  readonly #memories = new Map<string, SymbolMemory>();
  readonly #writer = new StateWriter();
  readonly #changed: SymbolMemory[] = [];

  constructor(name: string) {
    this.name = name;
  }

  memoryOf(symbol: string): SymbolMemory {
    let memory = this.#memories.get(symbol);
    if (memory === undefined) {
      memory = new SymbolMemory(symbol, this.#changed);
      this.#memories.set(symbol, memory);
    }
    return memory;
  }

  restore(key: string, bytes: Uint8Array): void {
    const at = key.lastIndexOf("#");
    const number = Number(key.slice(at + 1));
    if (at < 0 || !Number.isInteger(number) || number >= CHUNKS) {
      throw new RangeError(`stored memory of seen facts has no chunk ${key}`);
    }
    const memory = this.memoryOf(key.slice(0, at));
    const decode = (chunk: Uint8Array): void => memory.restoreChunk(number, chunk);
    const reading = { format: FORMAT, decode, decodeUnnumbered: decode };
    readStored({ store: this.name, key }, reading, bytes);
  }

  takeChanges(): StoredChange[] {
    const changes: StoredChange[] = [];
    this.#writer.reset();
    for (const memory of this.#changed) {
      memory.takeChunks(this.#writer, (number, value) => {
        changes.push({ store: this.name, key: `${memory.symbol}#${number}`, value });
      });
    }
    this.#changed.length = 0;
    return changes.sort(({ key: a }, { key: b }) => (a < b ? -1 : 1));
  }
}
