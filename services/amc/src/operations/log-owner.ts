import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LOCK_FILE } from "@amc/platform/log/file/format";
import type { DataDirectory } from "./data-directory.ts";

/** The process that writes to a log; its number is unknown while it is just taking the lock. */
export interface LogOwner {
  readonly pid: number | null;
}

/** SQLite's result code for a lock that another connection holds (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

/**
 * Who writes to the log now; null when nobody does. Asks for the writer's lock and gives it back at
 * once, some microseconds in which a start at the same moment would be refused.
 */
export function logOwner({ log }: DataDirectory): LogOwner | null {
  const path = join(log, LOCK_FILE);
  if (!existsSync(path)) return null;
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
    return null;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return { pid: holderOf(db) };
  } finally {
    db.close();
  }
}

function holderOf(db: DatabaseSync): number | null {
  try {
    const pid = db.prepare("SELECT pid FROM holder WHERE id = 1").get()?.pid;
    return typeof pid === "number" ? pid : null;
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  return typeof error.errcode === "number" && (error.errcode & 0xff) === SQLITE_BUSY;
}
