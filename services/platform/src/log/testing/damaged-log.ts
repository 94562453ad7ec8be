import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isLogError, type LogErrorCode } from "../errors.ts";
import { verifyFileLog } from "../file/verify.ts";
import { openFileLog } from "../file.ts";
import type { Log } from "../port.ts";
import { NUMBERED_LAYOUT, numberedCommit, recordsIn, takeOver } from "./numbered-commits.ts";

/** Commits in the log that is damaged. */
export const COMMITS = 100;
export const LOG_FILES = ["log.sqlite", "log.sqlite-wal", "acknowledged"] as const;
/** What damage is reported as. */
export const REPORTED: readonly LogErrorCode[] = ["log.corrupt", "log.format", "log.cannot-open"];
/** Append time of all records: the same bytes at every run. */
const APPENDED_AT_MS = 1_610_548_200_000;

export type LogFile = (typeof LOG_FILES)[number];
export type LogFiles = Map<LogFile, Buffer>;
export type Damage = (files: LogFiles) => void;

/** Everything that is in a log; throws where it reports damage. */
export type ReadLog = (directory: string) => Promise<string>;

/** A log of numbered commits whose files can be damaged and opened again and again. */
export class DamageableLog {
  /** Files as kill -9 leaves them: half of the commits still in the write-ahead log. */
  readonly killed: LogFiles = new Map();
  /** Files after half of the commits, closed in order. */
  readonly older: LogFiles = new Map();
  /** Files closed in order. */
  readonly closed: LogFiles = new Map();
  /** Where damaged copies are opened. */
  readonly directory: string;
  readonly #read: ReadLog;
  #contents = "";

  private constructor(parent: string, read: ReadLog) {
    this.directory = join(parent, "damaged");
    this.#read = read;
  }

  /** Makes the log in a folder; `read` is how the product reads it, or a broken build. */
  static async make(parent: string, read: ReadLog = readAndVerify): Promise<DamageableLog> {
    const made = new DamageableLog(parent, read);
    const directory = join(parent, "original");
    const options = { directory, layout: NUMBERED_LAYOUT, clock: () => APPENDED_AT_MS };
    let log = await openFileLog(options);
    await commitNumbered(log, 1, COMMITS / 2);
    await log.close();
    takeFiles(directory, made.older);
    log = await openFileLog(options);
    await commitNumbered(log, COMMITS / 2 + 1, COMMITS);
    takeFiles(directory, made.killed);
    await log.close();
    takeFiles(directory, made.closed);
    made.#contents = await read(directory);
    return made;
  }

  /**
   * Damages a copy of the log and opens it. The outcome is `intact` when it shows exactly what it did
   * before, the code when the damage was reported with a path, and anything else in words.
   */
  async outcomeOf(files: ReadonlyMap<LogFile, Buffer>, damage: Damage): Promise<string> {
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory);
    const copies = new Map(Array.from(files, ([name, bytes]) => [name, Buffer.from(bytes)]));
    damage(copies);
    for (const [name, bytes] of copies) writeFileSync(join(this.directory, name), bytes);
    try {
      const contents = await this.#read(this.directory);
      return contents === this.#contents ? "intact" : "opened with other contents";
    } catch (error) {
      if (!isLogError(error) || !REPORTED.includes(error.code)) return `threw ${String(error)}`;
      return error.facts.path?.startsWith(this.directory)
        ? error.code
        : "reported without its path";
    }
  }
}

/** Whether damage was reported or did no harm. */
export function isHandled(outcome: string): boolean {
  return outcome === "intact" || REPORTED.some((code) => code === outcome);
}

/** One bit of one of the files, chosen by `random`, turned over; and in words where. */
export function flippedBit(
  files: ReadonlyMap<LogFile, Buffer>,
  name: LogFile,
  random: () => number,
): { readonly damage: Damage; readonly where: string } {
  const at = Math.floor(random() * bytesOf(files, name).length);
  const bit = Math.floor(random() * 8);
  return {
    where: `${name} byte ${at} bit ${bit}`,
    damage: (copies) => {
      const bytes = bytesOf(copies, name);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    },
  };
}

export function bytesOf(files: ReadonlyMap<LogFile, Buffer>, name: LogFile): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`the log has no file ${name}`);
  return bytes;
}

async function commitNumbered(log: Log, first: number, last: number): Promise<void> {
  const lease = await takeOver(log);
  for (let number = first; number <= last; number++) {
    await log.commit(numberedCommit(number, lease));
  }
}

function takeFiles(directory: string, into: LogFiles): void {
  for (const name of LOG_FILES) {
    const path = join(directory, name);
    if (existsSync(path)) into.set(name, readFileSync(path));
  }
}

/** Everything a log shows, in one digest; then every checksum in it is looked at. */
async function readAndVerify(directory: string): Promise<string> {
  const log = await openFileLog({ directory, layout: NUMBERED_LAYOUT, clock: Date.now });
  let digest: string;
  try {
    digest = await digestOf(log);
  } finally {
    await log.close();
  }
  verifyFileLog(directory);
  return digest;
}

async function digestOf(log: Log): Promise<string> {
  const hash = createHash("sha256");
  const say = (...parts: readonly (string | number)[]) => hash.update(`${parts.join(" ")}\n`);
  for (const { topic, partitions } of log.topics()) {
    for (let partition = 0; partition < partitions; partition++) {
      for await (const record of recordsIn(log, topic, partition)) {
        const { offset, key, value, headers, appendedAtMs } = record;
        say(topic, partition, offset, String(key), JSON.stringify(headers), appendedAtMs);
        hash.update(value ?? "null");
      }
    }
  }
  for (const { topic, partition, next } of await log.positions("numbered", 0)) {
    say(topic, partition, next);
  }
  for await (const { store, key, value } of log.state("numbered", 0)) {
    say(store, key, Buffer.from(value ?? []).toString("hex"));
  }
  return hash.digest("hex");
}
