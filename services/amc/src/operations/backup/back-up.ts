import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AcknowledgedMark } from "@amc/platform/log/file/acknowledged-mark";
import { ACKNOWLEDGED_FILE, FORMAT_VERSION, STORE_FILE } from "@amc/platform/log/file/format";
import { verifyFileLog } from "@amc/platform/log/file/verify";
import { isoUtc } from "@amc/streams/market/event-time";
import { CommandError, EXIT } from "../../exit-codes.ts";
import type { DataDirectory } from "../data-directory.ts";
import { dataDirectoryAt, withInspectedLog } from "../data-directory.ts";
import { partitionContents } from "../topic-contents.ts";
import { type BackupManifest, describeFile, MANIFEST_FILE, newManifest } from "./manifest.ts";
import { sync } from "./sync.ts";

/**
 * Copies the log as of one commit, also while another process writes to it, checks every record of
 * the copy and describes it in a manifest. The copy has the layout of a data directory, so every
 * command that looks can look at it. Tables are not copied: they are rebuilt from the log.
 *
 * Refuses a directory that holds anything; after a failure nothing is left in it.
 */
export async function backUp(
  source: DataDirectory,
  target: string,
  nowMs: number,
): Promise<BackupManifest> {
  const copy = dataDirectoryAt(target);
  await makeEmpty(copy.path);
  try {
    await mkdir(copy.log, { mode: 0o700 });
    copyStore(source.log, copy.log);
    const commits = markAcknowledged(copy.log);
    verifyFileLog(copy.log);
    const manifest = newManifest({
      createdAt: isoUtc(nowMs),
      logFormat: FORMAT_VERSION,
      commits,
      topics: await layoutOf(copy),
      files: [
        await describeFile(copy.path, `log/${STORE_FILE}`),
        await describeFile(copy.path, `log/${ACKNOWLEDGED_FILE}`),
      ],
    });
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeFile(join(copy.path, MANIFEST_FILE), text, { flush: true, mode: 0o600 });
    for (const directory of [copy.log, copy.path]) sync(directory);
    return manifest;
  } catch (error) {
    for (const name of [MANIFEST_FILE, "log"]) {
      await rm(join(copy.path, name), { recursive: true, force: true });
    }
    throw error;
  }
}

async function makeEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [first] = await readdir(directory);
  if (first === undefined) return;
  throw new CommandError(
    EXIT.usage,
    `${directory} already holds ${first}: name a new or an empty directory`,
  );
}

/**
 * VACUUM INTO reads one snapshot however long it takes and whatever is committed meanwhile, and
 * keeps application id and version. (SQLite's stepwise backup starts again at every commit of
 * another process, so beside a busy writer it need never end.)
 */
function copyStore(from: string, to: string): void {
  const path = join(to, STORE_FILE);
  closeSync(openSync(path, "wx", 0o600));
  const db = new DatabaseSync(join(from, STORE_FILE), { readOnly: true, timeout: 1_000 });
  try {
    db.prepare("VACUUM INTO ?").run(path);
  } finally {
    db.close();
  }
  sync(path);
}

/** Gives the copy a mark of its own, that of its last commit; returns its number. */
function markAcknowledged(directory: string): number {
  const db = new DatabaseSync(join(directory, STORE_FILE), { readOnly: true });
  const commits = Number(db.prepare("SELECT seq FROM head").get()?.seq);
  db.close();
  const path = join(directory, ACKNOWLEDGED_FILE);
  AcknowledgedMark.create(path);
  const mark = new AcknowledgedMark(path);
  mark.write(commits);
  mark.close();
  sync(path);
  return commits;
}

function layoutOf(copy: DataDirectory): Promise<BackupManifest["topics"]> {
  return withInspectedLog(copy, async (log) => {
    const topics: BackupManifest["topics"] = [];
    for (const { topic } of log.topics()) {
      topics.push({ topic, partitions: await partitionContents(log, topic) });
    }
    return topics;
  });
}
