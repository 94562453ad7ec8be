import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { STORE_FILE } from "@amc/platform/log/file/format";
import { type FileLogContents, verifyFileLog } from "@amc/platform/log/file/verify";
import { CommandError, EXIT } from "../../exit-codes.ts";
import type { DataDirectory } from "../data-directory.ts";
import { type BackupManifest, checkFile, readManifest } from "./manifest.ts";
import { sync } from "./sync.ts";

export interface Restored {
  readonly manifest: BackupManifest;
  /** What was found when every record of the restored log was read and checked. */
  readonly contents: FileLogContents;
}

/**
 * Puts the log of a backup into a data directory that is new or empty. Digests are checked before
 * anything is written, and every record before the log gets its name: it is there whole or not at
 * all. The tables come back at the next start, from the log.
 */
export async function restore(backup: string, target: DataDirectory): Promise<Restored> {
  const manifest = await readManifest(backup);
  for (const file of manifest.files) await checkFile(backup, file);
  await refuseUnlessEmpty(target.path);
  await mkdir(target.path, { recursive: true, mode: 0o700 });
  const unfinished = join(target.path, "log.restoring");
  try {
    await mkdir(unfinished, { mode: 0o700 });
    for (const { name } of manifest.files) {
      const path = join(unfinished, basename(name));
      await copyFile(join(backup, name), path);
      sync(path);
    }
    makeWritable(join(unfinished, STORE_FILE));
    const contents = verifyFileLog(unfinished);
    sync(unfinished);
    await rename(unfinished, target.log);
    sync(target.path);
    return { manifest, contents };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function refuseUnlessEmpty(directory: string): Promise<void> {
  let entries: string[] = [];
  try {
    entries = await readdir(directory);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const [first] = entries;
  if (first === undefined) return;
  throw new CommandError(
    EXIT.usage,
    `${directory} already holds ${first}, and nothing is overwritten: name a new directory with --data-dir`,
  );
}

/** A copy made by VACUUM INTO is in rollback mode; the log works with a write-ahead log. */
function makeWritable(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = WAL");
  } finally {
    db.close();
  }
  sync(path);
}
