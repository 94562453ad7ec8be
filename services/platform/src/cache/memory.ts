import { type Cache, CacheError, checkEntry } from "./port.ts";

/** Entries kept before the oldest give way; keys of ours are a few dozen. */
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/**
 * A cache inside the process, for one process and for tests. `now` is a clock in ms that does not
 * go back; an entry is there while `now` is below its end.
 */
export function createMemoryCache(now: () => number, maxEntries = MAX_ENTRIES): Cache {
  return new MemoryCache(now, maxEntries);
}

class MemoryCache implements Cache {
  readonly #now: () => number;
  readonly #maxEntries: number;
  // Map order is the order of writing, so the first entry is the one written longest ago.
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(now: () => number, maxEntries: number) {
    this.#now = now;
    this.#maxEntries = maxEntries;
  }

  async get(key: string): Promise<string | null> {
    return this.#live(key)?.value ?? null;
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    checkEntry(key, value, ttlSeconds);
    if (this.#closed) throw new CacheError("cache.unavailable", "the cache is closed", { key });
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs: this.#now() + ttlSeconds * 1000 });
    this.#makeRoom();
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async ttlSeconds(key: string): Promise<number | null> {
    const entry = this.#live(key);
    return entry === undefined ? null : Math.ceil((entry.expiresAtMs - this.#now()) / 1000);
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const keys = [...this.#entries.keys()].filter(
      (key) => key.startsWith(prefix) && this.#live(key) !== undefined,
    );
    return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async ping(): Promise<string> {
    if (this.#closed) throw new CacheError("cache.unavailable", "the cache is closed", {});
    return "in-process";
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #makeRoom(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(key);
    }
  }
}
