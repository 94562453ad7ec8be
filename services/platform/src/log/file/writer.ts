import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LogError } from "../errors.ts";
import { AcknowledgedMark } from "./acknowledged-mark.ts";
import { batchChecksum } from "./batches.ts";
import { storageFailure } from "./failure.ts";
import { ACKNOWLEDGED_FILE, STORE_FILE } from "./format.ts";
import type { StoreContents } from "./store.ts";
import { headChecksum, type PartitionRow, partitionChecksum } from "./store-rows.ts";
import { WorkUnits } from "./work-units.ts";

/**
 * The write-ahead log is copied into the store after this many bytes: 4 MiB take about 5 ms on the
 * machine of docs/decisions/log-storage.md, a quarter of the 20 ms a slice may take.
 */
const CHECKPOINT_BYTES = 4 * 1_048_576;
/** What a commit writes besides its records and state: pages of the small tables. */
const COMMIT_OVERHEAD_BYTES = 32_768;

const PRAGMAS = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA journal_size_limit = ${16 * CHECKPOINT_BYTES};
  PRAGMA cell_size_check = ON;
  PRAGMA cache_size = -16384;
`;

export interface EncodedBatch {
  readonly id: number;
  readonly records: number;
  readonly bytes: number;
  readonly body: Uint8Array;
}

export interface WriterOptions {
  readonly directory: string;
  readonly contents: StoreContents;
  /** Append times, ms since 1970. */
  readonly clock: () => number;
  readonly checkpointBytes?: number | undefined;
  /** Told once, with `log.stopped`, when a failure has ended all writing. */
  readonly onStopped: (error: LogError) => void;
}

/**
 * The one connection that writes. Each transaction raises the head's number, is synced by its
 * COMMIT and then noted in the acknowledged mark. After any failure nothing is written any more:
 * what a failed fsync left in the page cache cannot be trusted (Rebello et al., ATC'20), so only a
 * fresh open, which copies the write-ahead log anew, may go on.
 */
export class StoreWriter {
  readonly units: WorkUnits;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #mark: AcknowledgedMark;
  readonly #clock: () => number;
  readonly #checkpointBytes: number;
  readonly #onStopped: (error: LogError) => void;
  readonly #putBatch: StatementSync;
  readonly #putPartition: StatementSync;
  readonly #putHead: StatementSync;
  readonly #deleteBatches: StatementSync;
  #seq: number;
  #appendedAtMs: number;
  #partitions: number;
  #bytesSinceCheckpoint = 0;
  #failure: LogError | undefined;

  constructor({ directory, contents, clock, checkpointBytes, onStopped }: WriterOptions) {
    this.#path = join(directory, STORE_FILE);
    this.#clock = clock;
    this.#checkpointBytes = checkpointBytes ?? CHECKPOINT_BYTES;
    this.#onStopped = onStopped;
    this.#seq = contents.head.seq;
    this.#appendedAtMs = contents.head.appendedAtMs;
    this.#partitions = contents.head.partitions;
    this.#db = new DatabaseSync(this.#path, { timeout: 1_000 });
    try {
      this.#db.exec(PRAGMAS);
      // Pages that a failed fsync left in the cache only are written again, and synced.
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      this.units = new WorkUnits(this.#db, contents.units);
      this.#putBatch = this.#db.prepare("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)");
      this.#putPartition = this.#db.prepare("REPLACE INTO partition VALUES (?, ?, ?, ?, ?, ?)");
      this.#putHead = this.#db.prepare("REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?)");
      this.#deleteBatches = this.#db.prepare(
        "DELETE FROM batch WHERE id IN (SELECT id FROM batch WHERE id >= ? AND id < ? LIMIT ?)",
      );
      this.#mark = new AcknowledgedMark(join(directory, ACKNOWLEDGED_FILE));
    } catch (error) {
      this.#db.close();
      throw storageFailure(error, this.#path, "log.cannot-open");
    }
  }

  /** The connection, for reading what is committed. */
  get db(): DatabaseSync {
    return this.#db;
  }

  /**
   * Runs `work` in a transaction that is durable when this returns. Throws `log.disk-full`,
   * `log.corrupt` or `log.stopped`, and `log.stopped` ever after.
   */
  transact(work: () => void): void {
    this.checkRunning();
    try {
      this.#appendedAtMs = Math.max(this.#appendedAtMs, this.#clock());
      this.#db.exec("BEGIN IMMEDIATE");
      work();
      this.units.write();
      this.#writeHead();
      this.#db.exec("COMMIT");
      this.#mark.write(this.#seq);
    } catch (error) {
      throw this.#stop(error);
    }
    this.units.publish();
  }

  putBatch({ id, records, bytes, body }: EncodedBatch): void {
    const at = this.#appendedAtMs;
    this.#putBatch.run(id, records, bytes, at, batchChecksum(id, records, bytes, at, body), body);
    this.#bytesSinceCheckpoint += body.length;
  }

  putPartition(row: PartitionRow): void {
    const { id, topic, partition, start, end } = row;
    this.#putPartition.run(id, topic, partition, start, end, partitionChecksum(row));
    this.#partitions = Math.max(this.#partitions, id);
  }

  /** Deletes batches from `firstId` up to but not including `endId`; how many there were. */
  deleteBatches(firstId: number, endId: number, most: number): number {
    return Number(this.#deleteBatches.run(firstId, endId, most).changes);
  }

  /** Counts what a transaction wrote besides its batches. */
  noteWritten(bytes: number): void {
    this.#bytesSinceCheckpoint += bytes;
  }

  /**
   * Copies the write-ahead log into the store when it has grown enough. A failure stops the writer,
   * but concerns no commit: each is safe in the write-ahead log.
   */
  checkpointWhenDue(): void {
    if (this.#failure !== undefined || this.#bytesSinceCheckpoint < this.#checkpointBytes) return;
    try {
      this.#db.exec("PRAGMA wal_checkpoint(PASSIVE)");
      this.#bytesSinceCheckpoint = 0;
    } catch (error) {
      this.#stop(error);
    }
  }

  checkRunning(): void {
    if (this.#failure !== undefined) throw stopped(this.#path, this.#failure);
  }

  close(): void {
    this.#mark.close();
    this.#db.close();
  }

  #writeHead(): void {
    const head = {
      seq: this.#seq + 1,
      appendedAtMs: this.#appendedAtMs,
      partitions: this.#partitions,
      units: this.units.count,
    };
    const { seq, appendedAtMs, partitions, units } = head;
    this.#putHead.run(seq, appendedAtMs, partitions, units, headChecksum(head));
    this.#seq = seq;
    this.#bytesSinceCheckpoint += COMMIT_OVERHEAD_BYTES;
  }

  #stop(error: unknown): LogError {
    const failure = storageFailure(error, this.#path, "log.stopped");
    this.#failure = failure;
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch (rollbackError) {
      // The next open drops what is not committed; both failures are the news.
      const causes = new AggregateError([failure, rollbackError], failure.message);
      this.#failure = new LogError(failure.code, failure.message, failure.facts, { cause: causes });
    }
    this.#onStopped(stopped(this.#path, this.#failure));
    return this.#failure;
  }
}

function stopped(path: string, failure: LogError): LogError {
  return new LogError(
    "log.stopped",
    `The writer of ${path} has stopped: ${failure.message}`,
    { path },
    { cause: failure },
  );
}
