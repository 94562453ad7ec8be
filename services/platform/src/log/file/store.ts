import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LogError } from "../errors.ts";
import type { TopicLayout } from "../port.ts";
import { AcknowledgedMark } from "./acknowledged-mark.ts";
import { corrupt, storageFailure } from "./failure.ts";
import {
  ACKNOWLEDGED_FILE,
  APPLICATION_ID,
  FORMAT_VERSION,
  LOCK_FILE,
  NEW_STORE_FILE,
  SCHEMA,
  STORE_FILE,
} from "./format.ts";
import {
  type HeadRow,
  headChecksum,
  type PartitionRow,
  StoreRows,
  type UnitRow,
} from "./store-rows.ts";

/** What a store says about itself when it is opened. */
export interface StoreContents {
  readonly head: HeadRow;
  readonly partitions: readonly PartitionRow[];
  readonly units: readonly UnitRow[];
}

/** Makes the directory, for its owner only; refuses one that holds anything else. */
export function prepareDirectory(directory: string): void {
  const foreign = foreignEntry(directory);
  if (foreign === undefined || existsSync(join(directory, STORE_FILE))) return;
  throw new LogError(
    "log.format",
    `${directory} is not a log: it holds ${foreign}. Name an empty or a new directory`,
    { path: join(directory, foreign) },
  );
}

function foreignEntry(directory: string): string | undefined {
  // SQLite's own files have these names and a suffix.
  const ours = [STORE_FILE, ACKNOWLEDGED_FILE, LOCK_FILE];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return readdirSync(directory).find((name) => !ours.some((known) => name.startsWith(known)));
  } catch (error) {
    throw storageFailure(error, directory, "log.cannot-open");
  }
}

/**
 * Makes an empty store unless there is one, and its name durable. Only the owner of the writer lock
 * may call this.
 */
export function ensureStore(directory: string): void {
  const path = join(directory, STORE_FILE);
  if (!existsSync(path)) makeStore(directory, path);
  // Also of a store that was there: who made it may have been killed before this.
  syncNames(directory);
}

/** Builds it under another name: under its own it is complete or not there at all. */
function makeStore(directory: string, path: string): void {
  const mark = join(directory, ACKNOWLEDGED_FILE);
  if ((AcknowledgedMark.read(mark) ?? 0) > 0) {
    throw corrupt(path, "it is missing, although commits were acknowledged");
  }
  const unfinished = join(directory, NEW_STORE_FILE);
  try {
    AcknowledgedMark.create(mark);
    // First the mark, for certain: a store without one is taken for damaged.
    sync(directory);
    for (const suffix of ["", "-journal"]) rmSync(`${unfinished}${suffix}`, { force: true });
    closeSync(openSync(unfinished, "wx", 0o600));
    fillNewStore(unfinished);
    sync(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    throw storageFailure(error, path, "log.cannot-open");
  }
}

function fillNewStore(path: string): void {
  const db = new DatabaseSync(path);
  try {
    const head: HeadRow = { seq: 0, appendedAtMs: 0, partitions: 0, units: 0 };
    db.exec(SCHEMA);
    db.exec(`INSERT INTO head VALUES (1, 0, 0, 0, 0, ${headChecksum(head)});
      PRAGMA journal_mode = WAL`);
  } finally {
    db.close();
  }
}

/**
 * Makes durable that the directory has what is in it, and that it is found itself, together with
 * every directory above that may have been made for it: those of our own on the same file system.
 */
function syncNames(directory: string): void {
  sync(directory);
  const { dev, uid } = statSync(directory);
  for (let path = resolve(directory); path !== dirname(path); path = dirname(path)) {
    const above = statSync(dirname(path));
    if (above.dev !== dev) return;
    sync(dirname(path));
    if (above.uid !== uid) return;
  }
}

/** A file's or a directory's entry is durable only once it was synced itself. */
function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens the store for reading only: nothing done through it changes a file, so damage can be
 * looked at without making it worse.
 */
export function openForReading(directory: string): DatabaseSync {
  const path = join(directory, STORE_FILE);
  if (!existsSync(path)) {
    throw new LogError("log.cannot-open", `There is no log in ${directory}`, { path });
  }
  try {
    // A second is far longer than the owner of the store ever holds the short locks of WAL mode.
    return new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
  } catch (error) {
    throw storageFailure(error, path, "log.cannot-open");
  }
}

/** Format, checksums and completeness of what every use of the store relies on. */
export function checkStore(db: DatabaseSync, directory: string): StoreContents {
  const path = join(directory, STORE_FILE);
  const mark = join(directory, ACKNOWLEDGED_FILE);
  try {
    checkFormat(db, path);
    // Read before the head: a writer at work may move both on, but the head always first.
    const acknowledged = AcknowledgedMark.read(mark);
    const rows = new StoreRows(db, path);
    const contents = { head: rows.head(), partitions: rows.partitions(), units: rows.units() };
    checkCounts(contents, acknowledged, path);
    return contents;
  } catch (error) {
    throw storageFailure(error, path, "log.corrupt");
  }
}

function checkFormat(db: DatabaseSync, path: string): void {
  const application = db.prepare("PRAGMA application_id").get()?.application_id;
  if (application !== APPLICATION_ID) {
    throw new LogError("log.format", `${path} is a database, but not one of this log`, { path });
  }
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
  if (version === FORMAT_VERSION) return;
  const advice =
    version > FORMAT_VERSION
      ? "it was written by a newer version, which can still read it"
      : "read it with the version that wrote it and play its facts into a new directory";
  throw new LogError(
    "log.format",
    `${path} has format ${version}, this version reads format ${FORMAT_VERSION}: ${advice}`,
    { path, format: version, readable: FORMAT_VERSION },
  );
}

function checkCounts(store: StoreContents, acknowledged: number | undefined, path: string): void {
  const { head, partitions, units } = store;
  if (acknowledged === undefined && head.seq > 0) {
    throw corrupt(path, `the file ${ACKNOWLEDGED_FILE} beside it is missing`);
  }
  if (head.seq < (acknowledged ?? 0)) {
    throw corrupt(
      path,
      `it ends with commit ${head.seq}, but commit ${acknowledged} was acknowledged`,
      { seq: head.seq, acknowledged },
    );
  }
  if (partitions.length !== head.partitions || units.length !== head.units) {
    throw corrupt(
      path,
      `it should have ${head.partitions} partitions and ${head.units} work units, ` +
        `has ${partitions.length} and ${units.length}`,
    );
  }
}

/** Topics of the layout that the store does not have yet; throws when a count differs. */
export function missingTopics(
  layout: readonly TopicLayout[],
  stored: readonly PartitionRow[],
  path: string,
): TopicLayout[] {
  return layout.filter(({ topic, partitions }) => {
    const found = stored.filter((row) => row.topic === topic).length;
    if (found === 0 || found === partitions) return found === 0;
    throw new LogError(
      "log.format",
      `${path} was made with ${found} partitions for ${topic}, asked for were ${partitions}: ` +
        "keys would change their partition. Use the old count or a new directory",
      { path, topic, stored: found, asked: partitions },
    );
  });
}
