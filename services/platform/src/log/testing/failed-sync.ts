import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type CommittingMode, lastAcknowledged, startCommitting } from "./child.ts";
import { faultsIn, openNumberedLog } from "./killed-writer.ts";

/** Files whose syncs can be made to fail. */
export type SyncedFile = "log.sqlite" | "log.sqlite-wal";

/** Syncs of the write-ahead log before the first commit; from the next one on the writer answers. */
export const FIRST_COMMITTED_SYNC = 4;

/** Whether system calls of a process can be made to fail here. */
export function canFailSyncs(): boolean {
  try {
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface FailedSync {
  /** The last commit that was acknowledged. */
  readonly acknowledged: number;
  /** What is wrong with the writer's last words or with the log that it left. */
  readonly faults: readonly string[];
}

/** Lets the n-th sync of a file of the log fail with EIO under a committing process. */
export async function failSync(
  directory: string,
  mode: CommittingMode,
  file: SyncedFile,
  failing: number,
): Promise<FailedSync> {
  await (await openNumberedLog(directory)).close();
  const strace = ["strace", "-f", "-o", "/dev/null", "-P", join(directory, file)];
  const inject = `inject=fsync,fdatasync:error=EIO:when=${failing}`;
  const traced = ["-e", "trace=fsync,fdatasync", "-e", inject];
  const child = startCommitting(directory, mode, [...strace, ...traced]);
  await child.ended;
  const acknowledged = lastAcknowledged(child.lines);
  const [failed = "", later = ""] = child.lines.slice(-2);
  const expected = [`failed log.stopped ${join(directory, "log.sqlite")}`, "later log.stopped"];
  return {
    acknowledged,
    faults: [
      ...([failed, later].join() === expected.join()
        ? []
        : [`the writer said ${failed}, ${later}`]),
      ...(acknowledged > 0 ? [] : ["nothing was acknowledged before"]),
      ...(await faultsIn(directory, acknowledged)),
    ],
  };
}
