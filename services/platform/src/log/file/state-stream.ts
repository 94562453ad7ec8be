import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { StateChange } from "../port.ts";
import { corrupt, storageFailure } from "./failure.ts";
import { STORE_FILE } from "./format.ts";
import { RowReader } from "./row.ts";
import { openForReading } from "./store.ts";
import { StoreRows, type UnitRow } from "./store-rows.ts";
import { stateChecksum } from "./work-units.ts";

/**
 * Keyed state of a work unit, one value in memory at a time. A connection and a read transaction
 * of its own show the state of one commit however long the reader takes. Throws `log.corrupt` at
 * the damaged value, or at the end when one is missing.
 */
export async function* streamState(
  directory: string,
  group: string,
  partition: number,
): AsyncGenerator<StateChange> {
  const path = join(directory, STORE_FILE);
  const db = openForReading(directory);
  try {
    db.exec("BEGIN");
    const unit = new StoreRows(db, path).unit(group, partition);
    if (unit !== undefined) yield* checkedState(db, path, unit);
  } catch (error) {
    throw storageFailure(error, path, "log.corrupt", { group, partition });
  } finally {
    db.close();
  }
}

/** All values of one unit; throws `log.corrupt` at a damaged one and after a missing one. */
export function* checkedState(
  db: DatabaseSync,
  path: string,
  unit: UnitRow,
): Generator<StateChange> {
  const read = new RowReader(path);
  const rows = db.prepare("SELECT * FROM state WHERE unit = ? ORDER BY store, key");
  let keys = 0;
  let sum = 0;
  for (const row of rows.iterate(unit.id)) {
    const store = read.text(row, "store");
    const key = read.text(row, "key");
    const value = read.bytes(row, "value");
    const checksum = stateChecksum(unit.id, store, key, value);
    if (read.integer(row, "crc") !== checksum) {
      throw damaged(path, unit, `the checksum of ${store}/${key} does not match`);
    }
    keys += 1;
    sum = (sum ^ checksum) >>> 0;
    yield { store, key, value };
  }
  if (keys !== unit.stateKeys || sum !== unit.stateSum) {
    throw damaged(path, unit, `${unit.stateKeys} keys were written, ${keys} are there`);
  }
}

function damaged(path: string, { group, partition }: UnitRow, what: string) {
  return corrupt(path, `in the state of ${group}/${partition}, ${what}`, { group, partition });
}
