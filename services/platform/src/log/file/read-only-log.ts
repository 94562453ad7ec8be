import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { LogError } from "../errors.ts";
import { checkOffset } from "../offset-range.ts";
import { PartitionTable } from "../partition-table.ts";
import type {
  Lease,
  Log,
  LogRecord,
  Position,
  ReadLimits,
  StateChange,
  TopicLayout,
} from "../port.ts";
import { comparePositions } from "../work-unit.ts";
import { Batches, type StoredPartition } from "./batches.ts";
import { storageFailure } from "./failure.ts";
import { STORE_FILE } from "./format.ts";
import { streamState } from "./state-stream.ts";
import type { StoreContents } from "./store.ts";
import { StoreRows } from "./store-rows.ts";

/** How often a reader looks for what another process has written. */
const POLL_MS = 50;

/**
 * A log directory as another process sees it, for inspection while its owner writes: every call
 * shows the last commit. Writing is refused with `log.read-only`.
 */
export class ReadOnlyFileLog implements Log {
  readonly #directory: string;
  readonly #path: string;
  readonly #db: DatabaseSync;
  /** Row id of each partition. */
  readonly #table: PartitionTable<number>;
  readonly #rows: StoreRows;
  readonly #batches: Batches;
  readonly #closing = new AbortController();

  constructor(directory: string, db: DatabaseSync, { partitions }: StoreContents) {
    this.#directory = directory;
    this.#path = join(directory, STORE_FILE);
    this.#db = db;
    this.#rows = new StoreRows(db, this.#path);
    this.#batches = new Batches(db, this.#path);
    const ids = new Map(partitions.map((row) => [`${row.partition}\t${row.topic}`, row.id]));
    this.#table = new PartitionTable(
      storedLayout(partitions),
      (topic, partition) => ids.get(`${partition}\t${topic}`) ?? 0,
    );
  }

  partitions(topic: string): number {
    return this.#table.partitions(topic);
  }

  topics(): readonly TopicLayout[] {
    return this.#table.topics();
  }

  async startOffset(topic: string, partition: number): Promise<number> {
    return this.#at(topic, partition).start;
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    return this.#at(topic, partition).end;
  }

  async offsetAtTime(topic: string, partition: number, appendedAtMs: number): Promise<number> {
    const from = this.#at(topic, partition);
    return this.#reading(() => this.#batches.offsetAtTime(from, appendedAtMs));
  }

  async read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly LogRecord[]> {
    const from = this.#at(topic, partition);
    checkOffset(from, offset);
    return this.#reading(() => this.#batches.read(from, offset, limits));
  }

  async waitFor(
    topic: string,
    partition: number,
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    while (!signal.aborted && this.#at(topic, partition).end <= offset) {
      await delay(POLL_MS, undefined, { signal: either }).catch((error: unknown) => {
        if (!either.aborted) throw error;
      });
    }
  }

  async positions(group: string, partition: number): Promise<readonly Position[]> {
    this.#checkOpen();
    const unit = this.#reading(() => this.#rows.unit(group, partition));
    return [...(unit?.positions ?? [])].sort(comparePositions);
  }

  async *state(group: string, partition: number): AsyncGenerator<StateChange> {
    this.#checkOpen();
    yield* streamState(this.#directory, group, partition);
  }

  async acquire(): Promise<Lease> {
    throw this.#readOnly();
  }

  async commit(): Promise<never> {
    throw this.#readOnly();
  }

  async truncateBefore(): Promise<void> {
    throw this.#readOnly();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#db.close();
  }

  #at(topic: string, partition: number): StoredPartition {
    this.#checkOpen();
    const id = this.#table.at(topic, partition);
    return this.#reading(() => this.#rows.partition(id));
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new LogError("log.closed", "The log is closed");
  }

  #reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw storageFailure(error, this.#path, "log.corrupt");
    }
  }

  #readOnly(): LogError {
    return new LogError("log.read-only", `${this.#path} was opened for reading only`, {
      path: this.#path,
    });
  }
}

/** Topics in the order of their creation. */
function storedLayout(rows: readonly { readonly topic: string }[]): TopicLayout[] {
  const counts = new Map<string, number>();
  for (const { topic } of rows) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return Array.from(counts, ([topic, partitions]) => ({ topic, partitions }));
}
