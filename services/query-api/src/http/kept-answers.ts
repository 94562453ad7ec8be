import type { Lag } from "../live/projection-lag.ts";
import type { TablesState } from "../read-model/port.ts";

/** An answer as it is sent. */
export interface WrittenAnswer {
  readonly body: Buffer;
  /** Strong validator of the body, in its quotes. */
  readonly etag: string;
  /** Cursor of the next page; absent where there are no pages. */
  readonly next: string | null | undefined;
  /** Where its reading came from; null where it has no place in a cache. */
  readonly source: "cache" | "postgres" | null;
}

/** What an answer was made of besides its request. */
export interface Basis {
  readonly tables: TablesState;
  /** Null when the log did not tell. */
  readonly lag: Lag | null;
}

interface Entry {
  readonly basis: Basis;
  readonly written: Promise<WrittenAnswer>;
  /** 0 until it is written. */
  bytes: number;
}

/** A few MB for a process that has a hundred; the pages people look at are a few kB each. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 1_024;
/** A page of 500 rows would take the room of a hundred others. */
const MAX_ANSWER_BYTES = 128 * 1024;
/** Of a request; longer ones are not worth the memory of their text. */
const MAX_URL_LENGTH = 512;

/**
 * The newest answer to each request, for as long as tables and lag are those it was made of: then it
 * is, byte for byte, what reading again would give. Equal requests that come while one is being read
 * share it. Nothing is kept for a time, so nothing kept can be stale.
 */
export class KeptAnswers {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** The kept answer, or what `write` makes; fails as `write` does, which is not kept. */
  async answer(
    url: string,
    basis: Basis,
    write: () => Promise<WrittenAnswer>,
  ): Promise<WrittenAnswer> {
    if (url.length > MAX_URL_LENGTH) return write();
    const kept = this.#entries.get(url);
    if (kept !== undefined && isSame(kept.basis, basis)) return kept.written;
    this.#drop(url, kept);
    const entry: Entry = { basis, written: write(), bytes: 0 };
    this.#entries.set(url, entry);
    try {
      const written = await entry.written;
      this.#weigh(url, entry, written.body.length);
      return written;
    } catch (error) {
      this.#drop(url, entry);
      throw error;
    }
  }

  #weigh(url: string, entry: Entry, bytes: number): void {
    if (this.#entries.get(url) !== entry) return;
    if (bytes > MAX_ANSWER_BYTES) {
      this.#drop(url, entry);
      return;
    }
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, its] of this.#entries) {
      if (this.#bytes <= MAX_BYTES && this.#entries.size <= MAX_ENTRIES) return;
      this.#drop(oldest, its);
    }
  }

  #drop(url: string, entry: Entry | undefined): void {
    if (entry === undefined || this.#entries.get(url) !== entry) return;
    this.#entries.delete(url);
    this.#bytes -= entry.bytes;
  }
}

function isSame(a: Basis, b: Basis): boolean {
  return a.tables === b.tables && a.lag?.records === b.lag?.records && a.lag?.ms === b.lag?.ms;
}
