import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackContext } from "./context.ts";
import { PART_CONTROLS } from "./part-control.ts";

export interface LogTail {
  /** Of the process or container. */
  readonly name: string;
  /** Null where Docker keeps it. */
  readonly path: string | null;
  readonly lines: readonly string[];
}

/** The last lines of every log of the parts that are asked for. */
export function readLogs({ home, settings }: StackContext, count: number): LogTail[] {
  if (!existsSync(home.logs)) return [];
  const prefixes = settings.parts.map((part) => PART_CONTROLS[part].processPrefix);
  return readdirSync(home.logs)
    .filter((file) => file.endsWith(".log"))
    .filter((file) => prefixes.some((prefix) => file.startsWith(prefix)))
    .sort()
    .map((file) => {
      const path = join(home.logs, file);
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      return { name: file.slice(0, -".log".length), path, lines: lines.slice(-count) };
    });
}
