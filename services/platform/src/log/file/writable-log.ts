import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LogError } from "../errors.ts";
import { checkOffset } from "../offset-range.ts";
import type { PartitionTable } from "../partition-table.ts";
import type {
  Commit,
  Committed,
  Lease,
  Log,
  LogRecord,
  Position,
  ReadLimits,
  StateChange,
  TopicLayout,
} from "../port.ts";
import { Batches } from "./batches.ts";
import { storageFailure } from "./failure.ts";
import type { FilePartition } from "./file-partition.ts";
import { batchId, STORE_FILE } from "./format.ts";
import { GroupCommit } from "./group-commit.ts";
import { streamState } from "./state-stream.ts";
import type { StoreWriter } from "./writer.ts";
import type { WriterLock } from "./writer-lock.ts";

/** Batches deleted in one transaction, so that retention never holds up commits for long. */
const BATCHES_PER_DELETION = 256;

/** What an open log directory consists of. */
export interface LogParts {
  readonly directory: string;
  readonly table: PartitionTable<FilePartition>;
  readonly writer: StoreWriter;
  readonly lock: WriterLock;
}

/** The file log of the process that owns the directory. */
export class WritableFileLog implements Log {
  readonly #directory: string;
  readonly #path: string;
  readonly #table: PartitionTable<FilePartition>;
  readonly #writer: StoreWriter;
  readonly #lock: WriterLock;
  readonly #batches: Batches;
  readonly #commits: GroupCommit;
  #closed = false;

  constructor({ directory, table, writer, lock }: LogParts) {
    this.#directory = directory;
    this.#path = join(directory, STORE_FILE);
    this.#table = table;
    this.#writer = writer;
    this.#lock = lock;
    this.#batches = new Batches(writer.db, this.#path);
    this.#commits = new GroupCommit(writer, table);
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
    return this.#reading(from, () => this.#batches.offsetAtTime(from, appendedAtMs));
  }

  async read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly LogRecord[]> {
    const from = this.#at(topic, partition);
    checkOffset(from, offset);
    return this.#reading(from, () => this.#batches.read(from, offset, limits));
  }

  async waitFor(
    topic: string,
    partition: number,
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { end, waiters } = this.#at(topic, partition);
    if (offset < end) return;
    this.#writer.checkRunning();
    await waiters.wait(offset, signal);
  }

  async acquire(group: string, partition: number, signal?: AbortSignal): Promise<Lease> {
    this.#checkOpen();
    signal?.throwIfAborted();
    // Commits under the older lease that were accepted before this call stay accepted.
    this.#commits.flush();
    let epoch = 0;
    this.#writer.transact(() => {
      epoch = this.#writer.units.advanceEpoch(group, partition);
    });
    return { group, partition, epoch };
  }

  async positions(group: string, partition: number): Promise<readonly Position[]> {
    this.#checkOpen();
    return this.#writer.units.positions(group, partition);
  }

  async *state(group: string, partition: number): AsyncGenerator<StateChange> {
    this.#checkOpen();
    yield* streamState(this.#directory, group, partition);
  }

  async commit(commit: Commit): Promise<Committed> {
    this.#checkOpen();
    return this.#commits.add(commit);
  }

  async truncateBefore(topic: string, partition: number, offset: number): Promise<void> {
    const truncated = this.#at(topic, partition);
    if (offset <= truncated.start) return;
    this.#commits.flush();
    checkOffset(truncated, offset);
    const { id, end } = truncated;
    this.#writer.transact(() => {
      this.#writer.putPartition({ id, topic, partition, start: offset, end });
    });
    truncated.start = offset;
    const kept = this.#reading(truncated, () => this.#batches.baseOf(truncated, offset));
    let deleted = BATCHES_PER_DELETION;
    while (deleted === BATCHES_PER_DELETION && !this.#closed) {
      this.#writer.transact(() => {
        deleted = this.#writer.deleteBatches(batchId(id, 0), batchId(id, kept), deleted);
      });
      await nextTurn();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commits.flush();
    this.#closed = true;
    for (const { waiters } of this.#table.entries()) waiters.fail(closedError());
    try {
      this.#writer.close();
    } finally {
      this.#lock.release();
    }
  }

  #at(topic: string, partition: number): FilePartition {
    this.#checkOpen();
    return this.#table.at(topic, partition);
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }

  #reading<Result>({ topic, partition }: FilePartition, read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw storageFailure(error, this.#path, "log.corrupt", { topic, partition });
    }
  }
}

function closedError(): LogError {
  return new LogError("log.closed", "The log is closed");
}
