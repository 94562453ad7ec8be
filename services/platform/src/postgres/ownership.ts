import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode, PostgresError } from "./errors.ts";
import {
  isAlive,
  isProcessIdentity,
  ownIdentity,
  type ProcessIdentity,
} from "./process-identity.ts";

/** Who keeps a server running, written by the guardian before it does anything. */
export interface ServerRecord {
  readonly guardian: ProcessIdentity;
  /** Null before it has started or found one. */
  readonly postmaster: ProcessIdentity | null;
}

/**
 * Takes a home for this process. The record of a dead owner is taken over.
 *
 * Two processes that take over the same dead owner in the same instant may both succeed; Postgres'
 * own lock on the data directory then lets only one server start.
 *
 * @throws PostgresError `postgres.in-use` while another living process has it
 */
export function claimHome(home: string): void {
  const path = ownerPath(home);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(ownIdentity()), { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const owner = readLivingOwner(home);
    if (owner !== null) {
      throw new PostgresError(
        "postgres.in-use",
        `process ${owner.pid} uses the PostgreSQL data in ${home}; stop it or choose another data directory`,
        { path: home, pid: owner.pid },
      );
    }
    rmSync(path, { force: true });
  }
}

/** The process that has the home; null when that one is dead or there is none. */
export function readLivingOwner(home: string): ProcessIdentity | null {
  const owner = readJson(ownerPath(home));
  return isProcessIdentity(owner) && isAlive(owner) ? owner : null;
}

export function releaseHome(home: string): void {
  rmSync(ownerPath(home), { force: true });
}

export function recordServer(home: string, record: ServerRecord): void {
  const path = recordPath(home);
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(record), { mode: 0o600 });
  renameSync(partial, path);
}

/** What the last guardian noted; null when there is nothing or nothing usable. */
export function readServerRecord(home: string): ServerRecord | null {
  const parsed = readJson(recordPath(home));
  if (typeof parsed !== "object" || parsed === null) return null;
  if (!("guardian" in parsed) || !isProcessIdentity(parsed.guardian)) return null;
  const postmaster = "postmaster" in parsed ? parsed.postmaster : null;
  return {
    guardian: parsed.guardian,
    postmaster: isProcessIdentity(postmaster) ? postmaster : null,
  };
}

function ownerPath(home: string): string {
  return join(home, "owner.json");
}

function recordPath(home: string): string {
  return join(home, "server.json");
}

/** Undefined for a file that is absent or was cut off by a crash while it was written. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
