import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";

export interface JumpingReader {
  readonly log: Log;
  /** Tells it that a broker is gone. */
  readonly lose: () => void;
}

/**
 * A broken log: after a broker was lost, the next read of each partition goes on at its newest record, as
 * consumers do by default that have lost their place (`auto.offset.reset=latest`).
 */
export function jumpingReader(log: Log): JumpingReader {
  let losses = 0;
  const jumped = new Map<string, number>();
  return {
    lose: () => {
      losses += 1;
    },
    log: {
      ...logWithCommit(log, (commit) => log.commit(commit)),
      read: async (topic, partition, offset, limits) => {
        const id = `${topic}/${partition}`;
        const isLost = (jumped.get(id) ?? 0) < losses;
        if (!isLost) return log.read(topic, partition, offset, limits);
        const newest = (await log.endOffset(topic, partition)) - 1;
        jumped.set(id, losses);
        return log.read(topic, partition, Math.max(offset, newest), limits);
      },
    },
  };
}
