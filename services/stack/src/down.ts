import { existsSync, rmSync } from "node:fs";
import { stopContainers } from "./containers/part-containers.ts";
import { runnerOf } from "./containers/runner.ts";
import type { StackContext } from "./context.ts";
import { StackError } from "./errors.ts";
import { makeHome } from "./home.ts";
import { withHomeLock } from "./home-lock.ts";
import { PART_CONTROLS } from "./part-control.ts";
import { PART_NAMES } from "./parts.ts";
import { postgresPlaces } from "./postgres/postgres-part.ts";
import { runningProcesses } from "./processes/records.ts";
import { stopProcess, stopUnrecorded } from "./processes/stop.ts";

export interface DownReport {
  /** Names of processes, and of parts that ran in containers. */
  readonly stopped: readonly string[];
  /** Those of them that did not end in their time and were killed. */
  readonly killed: readonly string[];
  /** Processes of the home that no record named. */
  readonly unrecorded: number;
  readonly purged: boolean;
}

/** Stops the parts that are asked for; with `purge`, which is for all of them, the home goes, too. */
export async function bringDown(context: StackContext, purge: boolean): Promise<DownReport> {
  const { home, settings, teller } = context;
  if (!existsSync(home.root)) return { stopped: [], killed: [], unrecorded: 0, purged: false };
  makeHome(home);
  const onWait = (pid: number) => teller.note(`waiting for process ${pid}, which is at it`);
  const report = await withHomeLock(home, onWait, async () => {
    const prefixes = settings.parts.map((part) => PART_CONTROLS[part].processPrefix);
    const records = readOrPurge(purge, () => runningProcesses(home)).filter(({ name }) =>
      prefixes.some((prefix) => name.startsWith(prefix)),
    );
    const contained =
      runnerOf(home) === "containers"
        ? await stopContainers(settings.parts, purge)
        : { stopped: [], killed: [] };
    const killed = await Promise.all(records.map((record) => stopProcess(home, record, purge)));
    const isAll = settings.parts.length === PART_NAMES.length;
    return {
      stopped: [...contained.stopped, ...records.map(({ name }) => name)],
      killed: [
        ...contained.killed,
        ...records.filter((_, index) => killed[index]).map(({ name }) => name),
      ],
      unrecorded: isAll ? await stopUnrecorded(home) : 0,
      purged: purge,
    };
  });
  if (purge) {
    for (const path of [...readOrPurge(purge, () => postgresPlaces(home)), home.root]) {
      rmSync(path, { recursive: true, force: true });
    }
  }
  return report;
}

/** A purge removes what it cannot read as well; the mark in their environment still names processes. */
function readOrPurge<Value>(purge: boolean, read: () => Value[]): Value[] {
  try {
    return read();
  } catch (error) {
    if (purge && error instanceof StackError && error.code === "stack.home-format") return [];
    throw error;
  }
}
