import { readdirSync, readFileSync } from "node:fs";

const KIB = 1024;

/** The process of a PostgreSQL server, of which any backend is a child; null where /proc says nothing. */
export function serverOf(backendPid: number): number | null {
  return numberIn(backendPid, "status", PARENT);
}

/**
 * Memory of all processes of a server in MiB, pages that they share counted once. NaN where the system
 * tells nothing of other users' processes, or has no /proc.
 */
export function serverMemoryMiB(server: number | null): number {
  const own = server === null ? null : numberIn(server, "smaps_rollup", PROPORTIONAL_KIB);
  if (own === null) return Number.NaN;
  let kib = own;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || numberIn(pid, "status", PARENT) !== server) continue;
    // One that has ended since uses nothing.
    kib += numberIn(pid, "smaps_rollup", PROPORTIONAL_KIB) ?? 0;
  }
  return kib / KIB;
}

const PARENT = /^PPid:\s+(\d+)/m;
/** A page that n processes share counts as an nth for each of them. */
const PROPORTIONAL_KIB = /^Pss:\s+(\d+)/m;

/** Null when the process is gone or none of ours to look at. */
function numberIn(pid: number, file: string, pattern: RegExp): number | null {
  try {
    const found = pattern.exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1];
    return found === undefined ? null : Number(found);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return null;
    throw error;
  }
}
