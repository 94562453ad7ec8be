import { LogError } from "../errors.ts";
import type { Log } from "../port.ts";
import { logWithCommit } from "./log-with-commit.ts";

/** A log that tells which waits are under way, as `topic/partition`; those on `broken` fail. */
export function watchedWaits(inner: Log, broken: string | null) {
  const waiting = new Set<string>();
  const log: Log = {
    ...logWithCommit(inner, (commit) => inner.commit(commit)),
    waitFor: async (topic, partition, offset, signal) => {
      const place = `${topic}/${partition}`;
      if (place === broken) throw new LogError("log.unavailable", "no leader");
      waiting.add(place);
      await inner.waitFor(topic, partition, offset, signal);
      waiting.delete(place);
    },
  };
  return { log, waiting };
}
