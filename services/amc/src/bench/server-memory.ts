import { readdirSync, readFileSync } from "node:fs";

const KIB = 1024;

/**
 * Memory of the processes of a PostgreSQL server in MiB, pages that they share counted once.
 *
 * @param backendPid any of its backends, whose parent is the server itself
 * @returns NaN where the system tells nothing of other users' processes, or has no /proc
 */
export function serverMemoryMiB(backendPid: number): number {
  try {
    const server = parentOf(backendPid);
    const all = [server, ...processes().filter((pid) => isChildOf(pid, server))];
    return all.reduce((sum, pid) => sum + proportionalKiB(pid), 0) / KIB;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "EACCES") return Number.NaN;
    throw error;
  }
}

function processes(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function isChildOf(pid: number, parent: number): boolean {
  try {
    return parentOf(pid) === parent;
  } catch {
    // It has ended since it was listed.
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** A page that n processes share counts as an nth for each of them. */
function proportionalKiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
}
