import { readdirSync, readFileSync } from "node:fs";
import { type ProcessIdentity, readStartToken } from "@amc/platform/postgres/process-identity";
import type { StackHome } from "../home.ts";

const VARIABLE = "AMC_STACK_PROCESS_OF";

/**
 * What the environment of every process of a home carries, children of theirs included: the record
 * of one that was started is lost when a kill hits between the start and the record.
 */
export function markOf(home: StackHome): Record<string, string> {
  return { [VARIABLE]: home.root };
}

/** Every living process that carries the mark of this home; none where there is no /proc. */
export function markedProcesses(home: StackHome): ProcessIdentity[] {
  if (process.platform !== "linux") return [];
  const mark = `${VARIABLE}=${home.root}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readEnvironment(name).includes(mark))
    .flatMap((name) => {
      const startToken = readStartToken(Number(name));
      return startToken === null ? [] : [{ pid: Number(name), startToken }];
    });
}

/** Empty for a process that has ended since, or that another user started. */
function readEnvironment(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
