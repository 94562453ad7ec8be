import { errorCode } from "@amc/platform/postgres/errors";
import { hasEnded } from "@amc/platform/postgres/postmaster";
import { isAlive, type ProcessIdentity } from "@amc/platform/postgres/process-identity";
import { StackError } from "../errors.ts";
import type { StackHome } from "../home.ts";
import { markedProcesses } from "./marks.ts";
import { type ProcessRecord, removeRecord } from "./records.ts";

/** The kernel takes a killed process away; only one that hangs in a device needs longer. */
const KILL_MS = 10_000;

/**
 * Ends a process: as it likes to be asked, then by force.
 *
 * @param discard its data goes anyway, so nothing has to be written down first
 * @returns whether it had to be killed although it was given its time
 * @throws StackError `stack.stop-failed`
 */
export async function stopProcess(
  home: StackHome,
  record: ProcessRecord,
  discard: boolean,
): Promise<boolean> {
  const step = discard ? record.discard : record.stop;
  let killed = false;
  if (step !== null) {
    send(record, step.signal);
    killed = !(await hasEnded(record, step.waitMs));
  }
  if (isAlive(record)) await kill(record);
  removeRecord(home, record.name);
  return killed;
}

/** Ends what carries the mark of the home and has no record; returns how many there were. */
export async function stopUnrecorded(home: StackHome): Promise<number> {
  const left = markedProcesses(home);
  await Promise.all(left.map(kill));
  return left.length;
}

async function kill(target: ProcessIdentity): Promise<void> {
  send(target, "SIGKILL");
  if (await hasEnded(target, KILL_MS)) return;
  throw new StackError("stack.stop-failed", `process ${target.pid} does not end`, {
    pid: target.pid,
  });
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return;
    throw new StackError(
      "stack.stop-failed",
      `process ${target.pid} belongs to another user and cannot be stopped`,
      { pid: target.pid },
      { cause: error },
    );
  }
}
