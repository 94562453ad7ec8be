import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";

/** A broken log: what could not be read is passed over and written nowhere. */
export function withoutLetters(log: Log): Log {
  const letters = new Set(log.topics().map(({ topic }) => deadLetterTopic(topic)));
  return logWithCommit(log, async (commit) =>
    log.commit({ ...commit, appends: commit.appends.filter(({ topic }) => !letters.has(topic)) }),
  );
}
