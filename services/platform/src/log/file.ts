import { join } from "node:path";
import { LogError } from "./errors.ts";
import { corrupt, storageFailure } from "./file/failure.ts";
import { FilePartition } from "./file/file-partition.ts";
import { LOCK_FILE, MAX_PARTITIONS, STORE_FILE } from "./file/format.ts";
import { ReadOnlyFileLog } from "./file/read-only-log.ts";
import {
  checkStore,
  ensureStore,
  missingTopics,
  openForReading,
  prepareDirectory,
  type StoreContents,
} from "./file/store.ts";
import type { PartitionRow } from "./file/store-rows.ts";
import { WritableFileLog } from "./file/writable-log.ts";
import { StoreWriter } from "./file/writer.ts";
import { WriterLock } from "./file/writer-lock.ts";
import { PartitionTable } from "./partition-table.ts";
import type { Log, TopicLayout } from "./port.ts";

export interface OwnedFileLog {
  readonly readOnly?: false;
  /** Made when missing, for its owner only; holds nothing but the log. */
  readonly directory: string;
  /** Topics the store does not know are added; another count of partitions is refused. */
  readonly layout: readonly TopicLayout[];
  /** Append times, ms since 1970. */
  readonly clock: () => number;
  /** The write-ahead log is copied into the store after so many bytes; 4 MiB when left out. */
  readonly checkpointBytes?: number;
}

export interface InspectedFileLog {
  readonly readOnly: true;
  readonly directory: string;
}

/**
 * A durable log in a directory of one process: SQLite in WAL mode, one row for the records of a
 * partition in a group commit (why: docs/decisions/log-storage.md). A commit is acknowledged when
 * it is synced. With `readOnly` any other process may look on meanwhile.
 *
 * Throws `log.locked` when another process writes, `log.format` for a foreign directory, another
 * format version or other partition counts, `log.corrupt` for damage, `log.cannot-open` when the
 * system refuses; each names the path.
 */
export async function openFileLog(options: OwnedFileLog | InspectedFileLog): Promise<Log> {
  const { directory } = options;
  if (options.readOnly === true) return inspectFileLog(directory);
  prepareDirectory(directory);
  const lock = new WriterLock(join(directory, LOCK_FILE));
  try {
    ensureStore(directory);
    return openOwned(options, lock);
  } catch (error) {
    lock.release();
    throw storageFailure(error, directory, "log.cannot-open");
  }
}

function inspectFileLog(directory: string): Log {
  const db = openForReading(directory);
  try {
    return new ReadOnlyFileLog(directory, db, checkStore(db, directory));
  } catch (error) {
    db.close();
    throw error;
  }
}

function openOwned(options: OwnedFileLog, lock: WriterLock): Log {
  const { directory, layout, clock, checkpointBytes } = options;
  const path = join(directory, STORE_FILE);
  const contents = checkedContents(directory);
  const added = newPartitions(layout, contents.partitions, path);
  const rows = new Map(
    [...contents.partitions, ...added].map((row) => [`${row.partition}\t${row.topic}`, row]),
  );
  const table = new PartitionTable(layout, (topic, partition) => {
    const row = rows.get(`${partition}\t${topic}`);
    if (row === undefined) throw corrupt(path, `it lacks ${topic}/${partition}`);
    return new FilePartition(row);
  });
  const onStopped = (error: LogError) => {
    for (const { waiters } of table.entries()) waiters.fail(error);
  };
  const writer = new StoreWriter({ directory, contents, clock, checkpointBytes, onStopped });
  try {
    if (added.length > 0) addPartitions(writer, added);
    return new WritableFileLog({ directory, table, writer, lock });
  } catch (error) {
    writer.close();
    throw error;
  }
}

function addPartitions(writer: StoreWriter, rows: readonly PartitionRow[]): void {
  writer.transact(() => {
    for (const row of rows) writer.putPartition(row);
  });
}

/** Read and checked before anything is written, so that damage is found as it was left. */
function checkedContents(directory: string): StoreContents {
  const db = openForReading(directory);
  try {
    return checkStore(db, directory);
  } finally {
    db.close();
  }
}

function newPartitions(
  layout: readonly TopicLayout[],
  stored: readonly PartitionRow[],
  path: string,
): PartitionRow[] {
  const added: PartitionRow[] = [];
  for (const { topic, partitions } of missingTopics(layout, stored, path)) {
    for (let partition = 0; partition < partitions; partition++) {
      const id = stored.length + added.length + 1;
      added.push({ id, topic, partition, start: 0, end: 0 });
    }
  }
  if (stored.length + added.length < MAX_PARTITIONS) return added;
  throw new LogError("log.format", `A log holds fewer than ${MAX_PARTITIONS} partitions`, { path });
}
