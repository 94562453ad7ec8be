import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, PostgresError } from "./errors.ts";
import {
  isAlive,
  type ProcessIdentity,
  readCommandLine,
  readStartSeconds,
  readStartToken,
  readWorkingDirectory,
} from "./process-identity.ts";

/** What `postmaster.pid` says: its lines are fixed by PostgreSQL's `utils/pidfile.h`. */
interface PidFile {
  readonly pid: number;
  /** Start of the postmaster, seconds since 1970. */
  readonly startSeconds: number;
  readonly ready: boolean;
}

export interface PostmasterSearch {
  /** The postmaster of the data directory, when one lives. */
  readonly running: ProcessIdentity | null;
  /** A living process that is not it but has the number of a dead one. */
  readonly strangerPid: number | null;
}

// postmaster.pid has whole seconds, and the boot time of /proc/stat is rounded as well.
const START_TOLERANCE_SECONDS = 5;

/** Postgres rolls back open transactions and writes a checkpoint; a large one may take this long. */
const FAST_SHUTDOWN_MS = 15_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const KILL_MS = 5_000;
const POLL_MS = 15;

/**
 * Looks for the postmaster of one data directory: number, start time and directory must agree,
 * never a name alone, because numbers are used again and a machine has other servers.
 *
 * @param recorded the postmaster we noted ourselves; its start needs no wall clock, which may have
 *   been set since
 */
export function findPostmaster(
  dataDirectory: string,
  recorded: ProcessIdentity | null,
): PostmasterSearch {
  const file = readPidFile(dataDirectory);
  const startToken = file === null ? null : readStartToken(file.pid);
  if (file === null || startToken === null) return { running: null, strangerPid: null };
  const identity = { pid: file.pid, startToken };
  const started = readStartSeconds(file.pid);
  const startAgrees =
    (recorded?.pid === file.pid && recorded.startToken === startToken) ||
    (started !== null && Math.abs(started - file.startSeconds) <= START_TOLERANCE_SECONDS);
  return startAgrees && servesDirectory(file.pid, dataDirectory)
    ? { running: identity, strangerPid: null }
    : { running: null, strangerPid: file.pid };
}

/** Whether the postmaster accepts connections. */
export function isReady(dataDirectory: string, pid: number): boolean {
  const file = readPidFile(dataDirectory);
  return file !== null && file.pid === pid && file.ready;
}

function servesDirectory(pid: number, dataDirectory: string): boolean {
  // A postmaster changes into its data directory; the argument covers machines without /proc.
  if (readWorkingDirectory(pid) === realpathSync(dataDirectory)) return true;
  const commandLine = readCommandLine(pid) ?? "";
  return `${commandLine} `.includes(` -D ${dataDirectory} `);
}

function readPidFile(dataDirectory: string): PidFile | null {
  const path = join(dataDirectory, "postmaster.pid");
  if (!existsSync(path)) return null;
  let lines: string[];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch (error) {
    // Removed since the check: a server that has just stopped.
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const pid = Number.parseInt(lines[0] ?? "", 10);
  const startSeconds = Number.parseInt(lines[2] ?? "", 10);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(startSeconds)) return null;
  return { pid, startSeconds, ready: lines[7]?.trim() === "ready" };
}

/**
 * Stops a postmaster: fast (clients are disconnected, a checkpoint is written), then immediate (the
 * next start recovers from the WAL), then by force.
 *
 * @throws PostgresError `postgres.stop-failed` when even that does not end it
 */
export async function stopPostmaster(postmaster: ProcessIdentity): Promise<void> {
  const escalation = [
    ["SIGINT", FAST_SHUTDOWN_MS],
    ["SIGQUIT", IMMEDIATE_SHUTDOWN_MS],
    ["SIGKILL", KILL_MS],
  ] as const;
  for (const [signal, waitMs] of escalation) {
    if (!sendSignal(postmaster, signal)) return;
    if (await hasEnded(postmaster, waitMs)) return;
  }
  throw new PostgresError("postgres.stop-failed", "PostgreSQL does not stop", {
    pid: postmaster.pid,
  });
}

/** False when the process has ended already. */
function sendSignal(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    throw new PostgresError(
      "postgres.stop-failed",
      "PostgreSQL belongs to another user and cannot be stopped",
      { pid: target.pid },
      { cause: error },
    );
  }
}

/** Waits for a process that need not be a child of ours; `signal` ends that with its reason. */
export async function hasEnded(
  target: ProcessIdentity,
  waitMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (isAlive(target)) {
    signal?.throwIfAborted();
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
