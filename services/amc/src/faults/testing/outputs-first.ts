import { setTimeout as wait } from "node:timers/promises";
import type { Commit, Committed, Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";

/**
 * A broken log: outputs are written for nobody's account, and position and state in a commit of their
 * own afterwards. It stays for a moment where it is wrong, on either side, and says so before, so
 * that a strike can find it there.
 */
export function outputsFirst(log: Log, expose: () => void, exposedMs: number): Log {
  return logWithCommit(log, async (commit: Commit): Promise<Committed> => {
    const { appends, ...rest } = commit;
    if (appends.length === 0) return log.commit(commit);
    expose();
    await wait(exposedMs);
    // Unmarked as well: nobody could find them again.
    const unmarked = appends.map(({ headers, ...append }) => {
      const { "amc-source": _, ...kept } = headers;
      return { ...append, headers: kept };
    });
    const committed = await log.commit({ appends: unmarked });
    expose();
    await wait(exposedMs);
    await log.commit({ ...rest, appends: [] });
    return committed;
  });
}
