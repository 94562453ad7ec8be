import { constants, existsSync } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatCount } from "../../output/format.ts";
import { type DataDirectory, hasLog, withInspectedLog } from "../data-directory.ts";
import { logOwner } from "../log-owner.ts";
import { recordCount, topicContents } from "../topic-contents.ts";
import { type Check, fail, ok, reasonOf, warn } from "./check.ts";

const GIB = 1024 ** 3;
/** A new database takes 60 MB, a recorded month of one symbol's minutes some 100 MB. */
const SPACE_NEEDED_GIB = 0.25;
const SPACE_WANTED_GIB = 2;

export async function dataDirectoryChecks(directory: DataDirectory): Promise<Check[]> {
  const checks = [await permissionCheck(directory.path), await spaceCheck(directory.path)];
  if (!hasLog(directory)) return [...checks, ok("log", "none yet: npm start makes one")];
  return [...checks, await logCheck(directory), ownerCheck(directory)];
}

async function permissionCheck(path: string): Promise<Check> {
  const name = "data directory";
  const existing = nearestExisting(path);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    // Why does not matter here: whoever runs this cannot write there.
    return fail(name, `${existing} cannot be written by this user`, "use another --data-dir");
  }
  if (existing !== path) return ok(name, `${path}, to be made by npm start`);
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return ok(name, path);
  return warn(name, `${path} can be entered by other users`, `chmod 700 ${path}`);
}

async function spaceCheck(path: string): Promise<Check> {
  const { bavail, bsize } = await statfs(nearestExisting(path));
  const free = (bavail * bsize) / GIB;
  const detail = `${free.toFixed(1)} GiB free`;
  if (free >= SPACE_WANTED_GIB) return ok("disk", detail);
  const mend = "make room, or use another --data-dir";
  return free < SPACE_NEEDED_GIB ? fail("disk", detail, mend) : warn("disk", detail, mend);
}

async function logCheck(directory: DataDirectory): Promise<Check> {
  try {
    const contents = await withInspectedLog(directory, topicContents);
    const records = contents.reduce((sum, { partitions }) => sum + recordCount(partitions), 0);
    const refused = contents.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
    const detail = `${formatCount(records)} records, ${formatCount(refused)} dead letters`;
    return refused === 0 ? ok("log", detail) : warn("log", detail, "npm run amc -- dlq list");
  } catch (error) {
    return fail(
      "log",
      reasonOf(error),
      "npm run amc -- restore <backup> --data-dir <new directory>",
    );
  }
}

function ownerCheck(directory: DataDirectory): Check {
  const owner = logOwner(directory);
  if (owner === null) return ok("writer", "none: npm start can have it");
  return ok("writer", owner.pid === null ? "one is just starting" : `process ${owner.pid} has it`);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
