import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = join(import.meta.dirname, "committing-process.ts");

export type CommittingMode = "sound" | "acknowledges-first" | "splits-commits";

export interface CommittingChild {
  readonly process: ChildProcess;
  /** Resolves with the lines written once `count` commits were acknowledged, or at its end. */
  acknowledged(count: number): Promise<void>;
  /** Everything it wrote, complete once `ended` has resolved. */
  readonly lines: readonly string[];
  readonly ended: Promise<void>;
}

/** Starts the committing process, under another program (`strace`, `prlimit`) when one is given. */
export function startCommitting(
  directory: string,
  mode: CommittingMode,
  under: readonly string[] = [],
): CommittingChild {
  const [program, ...args] = [...under, process.execPath, PROGRAM, directory, mode];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const progress = new EventTarget();
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    lines.push(line);
    progress.dispatchEvent(new Event("line"));
  });
  const ended = Promise.all([once(child, "close"), once(reader, "close")]).then(() => {
    progress.dispatchEvent(new Event("line"));
  });
  return {
    process: child,
    lines,
    ended,
    acknowledged: async (count) => {
      while (lines.length < count && child.exitCode === null && child.signalCode === null) {
        await Promise.race([once(progress, "line"), ended]);
      }
    },
  };
}

export function lastAcknowledged(lines: readonly string[]): number {
  return Math.max(0, ...lines.flatMap((line) => /^ack (\d+)$/.exec(line)?.[1] ?? []).map(Number));
}
