import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { Batches } from "./batches.ts";
import { corrupt, storageFailure } from "./failure.ts";
import { STORE_FILE } from "./format.ts";
import { checkedState } from "./state-stream.ts";
import { checkStore, openForReading } from "./store.ts";

/** What a whole and readable log directory holds. */
export interface FileLogContents {
  /** Group commits since the directory was made. */
  readonly commits: number;
  readonly records: number;
  readonly batches: number;
  readonly stateKeys: number;
}

const STEP = { maxRecords: 10_000, maxBytes: 8 * 1_048_576 };

/**
 * Reads every byte of a log directory and checks it: the pages of the store, every checksum, dense
 * offsets, complete state. Changes nothing and may run beside the writer, but does not yield while
 * it reads: not for a process that serves. Throws `log.corrupt` at the first damage, naming it.
 */
export function verifyFileLog(directory: string): FileLogContents {
  const path = join(directory, STORE_FILE);
  const db = openForReading(directory);
  try {
    db.exec("BEGIN");
    const { head, partitions, units } = checkStore(db, directory);
    checkPages(db, path);
    const batches = new Batches(db, path);
    let records = 0;
    for (const partition of partitions) {
      let offset = partition.start;
      while (offset < partition.end) offset += batches.read(partition, offset, STEP).length;
      records += partition.end - partition.start;
    }
    let stateKeys = 0;
    for (const unit of units) for (const _ of checkedState(db, path, unit)) stateKeys += 1;
    const count = db.prepare("SELECT count(*) AS batches FROM batch").get();
    return { commits: head.seq, records, batches: Number(count?.batches), stateKeys };
  } catch (error) {
    throw storageFailure(error, path, "log.corrupt");
  } finally {
    db.close();
  }
}

function checkPages(db: DatabaseSync, path: string): void {
  const found = db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (found !== "ok") throw corrupt(path, String(found));
}
