import type { Log, LogRecord } from "../port.ts";
import { logWithCommit } from "./log-with-commit.ts";

/** What another writer put where a record of ours lies. */
type Foreign = Partial<Pick<LogRecord, "key" | "value" | "headers">>;

/**
 * A log in which some records of a topic, by offset in every partition, are another writer's: no limit
 * of `commit` holds for them, as on a cluster that others write to.
 */
export function logWithForeign(
  inner: Log,
  topic: string,
  foreign: ReadonlyMap<number, Foreign>,
): Log {
  return {
    ...logWithCommit(inner, (commit) => inner.commit(commit)),
    read: async (name, partition, offset, limits) => {
      const records = await inner.read(name, partition, offset, limits);
      if (name !== topic) return records;
      return records.map((record) => ({ ...record, ...foreign.get(record.offset) }));
    },
  };
}
