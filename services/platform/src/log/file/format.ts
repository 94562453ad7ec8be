/** File names in a log directory. Nothing else may be in it. */
export const STORE_FILE = "log.sqlite";
export const NEW_STORE_FILE = "log.sqlite.new";
export const ACKNOWLEDGED_FILE = "acknowledged";
export const LOCK_FILE = "writer.lock";

/** "AMCL" in the header of the SQLite file: a store of ours and not just any database. */
export const APPLICATION_ID = 0x414d_434c;

/**
 * Version of everything below and of the batch encoding. Raise it with any change of either, and
 * give the older version a migration or a message that says how to get over.
 */
export const FORMAT_VERSION = 1;

/** As fast as the others for large commits, and the fastest for small ones of 4, 8, 16 and 32 KiB. */
const PAGE_BYTES = 8_192;

/**
 * `head` has one row, changed by every commit, and counts what must be there: a lost partition or
 * work unit is noticed. Every row carries a CRC-32 over its own fields (`rowChecksum`).
 *
 * A row of `batch` is the records of one partition from one group commit. Its id holds the
 * partition's id in the high bits and the offset of its first record in the low 40, so that the
 * table is one B-tree in reading order without an index. `bytes` is their size by `recordSize`.
 *
 * `state_keys` and `state_sum` (XOR of the checksums) of a work unit prove its keyed state whole.
 */
export const SCHEMA = `
  PRAGMA page_size = ${PAGE_BYTES};
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
  CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL, appended_at_ms INTEGER NOT NULL,
    partitions INTEGER NOT NULL, units INTEGER NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE partition (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE batch (
    id INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
    appended_at_ms INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE unit (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, number INTEGER NOT NULL,
    epoch INTEGER NOT NULL, positions TEXT NOT NULL,
    state_keys INTEGER NOT NULL, state_sum INTEGER NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE state (
    unit INTEGER NOT NULL, store TEXT NOT NULL, key TEXT NOT NULL,
    value BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (unit, store, key)
  ) STRICT, WITHOUT ROWID;
`;

/** 2^40 records a partition, 8,192 partitions a log: together the 53 bits of a safe integer. */
const OFFSETS_PER_PARTITION = 2 ** 40;
export const MAX_PARTITIONS = 2 ** 13;

export function batchId(partitionId: number, base: number): number {
  return partitionId * OFFSETS_PER_PARTITION + base;
}
