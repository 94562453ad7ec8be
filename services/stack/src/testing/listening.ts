import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { StackHome } from "../home.ts";
import { markedProcesses } from "../processes/marks.ts";

const LISTEN = "0A";

/** Local addresses in hexadecimal, as /proc has them, on which the processes of a home listen. */
export function listeningAddresses(home: StackHome): string[] {
  const sockets = new Set(markedProcesses(home).flatMap(({ pid }) => socketsOf(pid)));
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = ""]) => state === LISTEN && sockets.has(inode))
      .map(([, local = ""]) => local.split(":")[0] ?? ""),
  );
}

/** Inodes of the sockets a process has open; none when it has ended since. */
function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}
