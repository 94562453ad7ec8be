/**
 * A small process beside the server that stops it when its parent is gone. It holds one end of a
 * channel; the kernel closes the other end however the parent dies, kill -9 included. While the
 * parent lives it starts the server again after a crash.
 *
 * Started by `embedded-server.ts`, detached, so that Ctrl-C in a terminal does not reach it.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type GuardianReport, parseGuardianTask, STOP_REQUEST } from "./guardian-protocol.ts";
import { readLivingOwner, readServerRecord, recordServer } from "./ownership.ts";
import { findPostmaster, isReady, type PostmasterSearch, stopPostmaster } from "./postmaster.ts";
import { isAlive, ownIdentity, type ProcessIdentity, readStartToken } from "./process-identity.ts";
import { PROGRAM_ENVIRONMENT, runAs } from "./server-account.ts";

const POLL_MS = 15;
const FIRST_RETRY_MS = 100;
// 100 + 200 + … + 1600 ms: long enough for the backends of a killed postmaster to notice and let
// go of its shared memory, without which the next one refuses to start.
const MOST_FAILED_STARTS = 6;

const task = parseGuardianTask(process.argv[2]);
let stopping = false;
let postmaster: ProcessIdentity | null = null;

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => void stopAndExit());
}
process.on("disconnect", () => void stopAndExit());
process.on("message", (message) => {
  if (message === STOP_REQUEST) void stopAndExit();
});

const found = findServer().running;
// Asked after looking, so that a server found is never that of another owner.
if (hasOtherOwner()) process.exit(0);
postmaster = found;
// Noted before anything else happens, so that whoever claims the home next waits for this process.
recordServer(task.home, { guardian: ownIdentity(), postmaster });
// The parent may have died before the handlers were in place.
if (process.connected) await superviseServer();
else await stopAndExit();

async function superviseServer(): Promise<void> {
  for (let failures = 0; !stopping; ) {
    const found = findServer();
    postmaster = found.running ?? startServer(found.strangerPid);
    if (postmaster !== null) {
      recordServer(task.home, { guardian: ownIdentity(), postmaster });
      const { pid } = postmaster;
      if (await becomesReady(postmaster)) {
        failures = 0;
        report({ kind: "ready", pid });
        while (isAlive(postmaster)) await delay(POLL_MS * 10);
      }
      if (stopping) return;
      report({ kind: "ended", pid });
    }
    failures += 1;
    if (failures === MOST_FAILED_STARTS) return giveUp();
    await delay(FIRST_RETRY_MS * 2 ** (failures - 1));
  }
}

function findServer(): PostmasterSearch {
  return findPostmaster(task.dataDirectory, readServerRecord(task.home)?.postmaster ?? null);
}

function hasOtherOwner(): boolean {
  const owner = readLivingOwner(task.home);
  return owner !== null && owner.pid !== task.owner.pid;
}

/** @param strangerPid a process known not to be a postmaster although postmaster.pid names it */
function startServer(strangerPid: number | null): ProcessIdentity | null {
  const child = spawn(task.command, task.args, {
    ...runAs(task.account),
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...PROGRAM_ENVIRONMENT,
      // Postgres takes a living process of that number for a running server, save when it is its
      // own grandparent. Naming the stranger so keeps the check for left-over shared memory, which
      // deleting the file would not.
      ...(strangerPid === null ? {} : { PG_GRANDPARENT_PID: String(strangerPid) }),
    },
  });
  child.on("error", (error) => process.stderr.write(`guardian: ${error.message}\n`));
  if (child.pid === undefined) return null;
  const startToken = readStartToken(child.pid);
  return startToken === null ? null : { pid: child.pid, startToken };
}

async function becomesReady(started: ProcessIdentity): Promise<boolean> {
  while (isAlive(started)) {
    if (isReady(task.dataDirectory, started.pid)) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function stopAndExit(): Promise<void> {
  if (stopping) return;
  stopping = true;
  try {
    if (postmaster !== null) await stopPostmaster(postmaster);
    if (!hasOtherOwner()) {
      for (const path of task.removeAfterStop) rmSync(path, { recursive: true, force: true });
    }
    process.exit(0);
  } catch (error) {
    process.stderr.write(`guardian: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}

function giveUp(): void {
  report({ kind: "failed", message: "PostgreSQL does not start; its log says why" });
  process.exit(1);
}

function report(message: GuardianReport): void {
  // The channel may be closing under us; then the disconnect handler does what is left to do.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
