import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { PostgresError } from "./errors.ts";

/**
 * Environment of every program we start: programs by their standard places, words in English, and
 * nothing of ours that may be secret.
 */
export const PROGRAM_ENVIRONMENT = {
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
  TZ: "UTC0",
} as const;

/** The unprivileged user a server runs as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

// nobody is the last resort: it exists everywhere, and nothing else of ours runs as it.
const CANDIDATES = ["postgres", "nobody"] as const;

/**
 * Postgres refuses to run as root. As root this names the user to run as: the owner of data that is
 * already there, so that a directory made by a normal user can be opened by root too, otherwise
 * `postgres` or `nobody`.
 *
 * @param existingData a directory the server has to own; it may be absent
 * @returns null when this process is not root and the server simply runs as the same user
 * @throws PostgresError `postgres.no-unprivileged-user`
 */
export function chooseServerAccount(existingData: string): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(existingData, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const uid = askId("-u", name);
    const gid = askId("-g", name);
    if (uid !== null && gid !== null && uid !== 0) return { uid, gid };
  }
  throw new PostgresError(
    "postgres.no-unprivileged-user",
    "PostgreSQL does not run as root and there is neither a user postgres nor nobody; start as a normal user or set DATABASE_URL",
  );
}

function askId(option: "-u" | "-g", name: string): number | null {
  try {
    const answer = execFileSync("id", [option, name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const id = Number.parseInt(answer, 10);
    return Number.isInteger(id) ? id : null;
  } catch {
    // id exits with 1 for an unknown user, which is an answer.
    return null;
  }
}

/** Options for `spawn` that make the child run as the account, from a directory it may enter. */
export function runAs(account: ServerAccount | null): { uid?: number; gid?: number; cwd: string } {
  return account === null ? { cwd: "/" } : { uid: account.uid, gid: account.gid, cwd: "/" };
}

/** Whether the server's user can reach a directory through all of its parents. */
export function canEnter(account: ServerAccount | null, directory: string): boolean {
  if (account !== null) return succeeds(account, 'cd "$1"', directory);
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the server's user can run the binaries with their libraries.
 *
 * @param dataFile a file of theirs that has to be readable too; null where its place is not known
 */
export function canRun(
  account: ServerAccount | null,
  binDirectory: string,
  dataFile: string | null,
): boolean {
  if (dataFile !== null && !succeeds(account, 'test -r "$1"', dataFile)) return false;
  return succeeds(account, '"$1/postgres" --version && "$1/initdb" --version', binDirectory);
}

/** Asks a shell that runs as the account, because mode bits alone would miss ACLs and mounts. */
function succeeds(account: ServerAccount | null, script: string, argument: string): boolean {
  const shell = spawnSync("/bin/sh", ["-c", script, "sh", argument], {
    ...runAs(account),
    stdio: "ignore",
  });
  return shell.status === 0;
}
