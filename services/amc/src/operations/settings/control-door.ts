import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Where a running system takes settings, and what shows that one may give them. */
const DOOR = z.object({ pid: z.int(), address: z.string(), token: z.string() });
export type ControlDoor = z.output<typeof DOOR>;

const FILE = "control.json";
/** Who can read it could as well write the log beside it. */
const OWNER_ONLY = 0o600;

/** Tells commands on this machine where and how to give settings to this process. */
export function openDoor(dataDirectory: string, door: ControlDoor): void {
  const path = join(dataDirectory, FILE);
  const unfinished = `${path}.${door.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, JSON.stringify(door), { mode: OWNER_ONLY, flag: "wx" });
  renameSync(unfinished, path);
}

export function closeDoor(dataDirectory: string): void {
  rmSync(join(dataDirectory, FILE), { force: true });
}

/** The door of one process; null when it has none, such as a command that writes for a moment. */
export function doorOf(dataDirectory: string, pid: number): ControlDoor | null {
  let text: string;
  try {
    text = readFileSync(join(dataDirectory, FILE), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const door = DOOR.parse(JSON.parse(text));
  // A process that was killed leaves its own behind.
  return door.pid === pid ? door : null;
}
