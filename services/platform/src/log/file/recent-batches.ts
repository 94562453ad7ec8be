import type { LogRecord } from "../port.ts";

/** One decoded row of `batch`. */
export interface Batch {
  readonly base: number;
  readonly records: readonly LogRecord[];
  /** Size of all records by `recordSize`. */
  readonly bytes: number;
  readonly appendedAtMs: number;
}

/**
 * Batches that a reader has taken only a part of, so that reading in small steps does not decode
 * the same batch at every step. One for each of a few readers; a batch is at most about 400 KB
 * (`BATCH_BYTES` plus one record), so this stays below 7 MB encoded.
 */
const CAPACITY = 16;

interface Entry {
  readonly partitionId: number;
  readonly batch: Batch;
}

export class RecentBatches {
  /** The most recently kept is last. */
  readonly #entries: Entry[] = [];

  find(partitionId: number, offset: number): Batch | undefined {
    return this.#entries.find(({ partitionId: id, batch }) => {
      const { base, records } = batch;
      return id === partitionId && offset >= base && offset < base + records.length;
    })?.batch;
  }

  keep(partitionId: number, batch: Batch): void {
    const known = this.#entries.findIndex((entry) => entry.batch === batch);
    if (known >= 0) this.#entries.splice(known, 1);
    else if (this.#entries.length === CAPACITY) this.#entries.shift();
    this.#entries.push({ partitionId, batch });
  }
}
