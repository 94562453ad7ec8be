import type { Log, LogRecord } from "@amc/platform/log/port";
import { deadLettersOf, topicsWithDeadLetters } from "./dead-letter.ts";
import { originKey, redrivenOrigins } from "./redriven.ts";

/** Dead letters of one topic that one stage refused for one reason. */
export interface Cause {
  readonly topic: string;
  readonly code: string;
  readonly stage: string;
  count: number;
  /** Of these, appended again by a re-drive. */
  redriven: number;
  /** Append time of the earliest and the latest, ms. */
  firstAtMs: number;
  lastAtMs: number;
  /** The latest one, and what its stage said. */
  latest: LogRecord;
  reason: string;
}

/** All dead letters grouped by cause, the most frequent first. */
export async function deadLetterCauses(log: Log): Promise<readonly Cause[]> {
  const redriven = await redrivenOrigins(log);
  const causes = new Map<string, Cause>();
  for (const topic of topicsWithDeadLetters(log)) {
    for await (const letter of deadLettersOf(log, topic)) {
      const { code, stage, reason, record } = letter;
      const { appendedAtMs } = record;
      const key = JSON.stringify([topic, code, stage]);
      const cause = causes.get(key) ?? {
        ...{ topic, code, stage, count: 0, redriven: 0, latest: record, reason },
        ...{ firstAtMs: appendedAtMs, lastAtMs: appendedAtMs },
      };
      causes.set(key, cause);
      cause.count += 1;
      if (redriven.has(originKey(letter) ?? "")) cause.redriven += 1;
      cause.firstAtMs = Math.min(cause.firstAtMs, appendedAtMs);
      if (appendedAtMs < cause.lastAtMs) continue;
      cause.lastAtMs = appendedAtMs;
      cause.latest = record;
      cause.reason = reason;
    }
  }
  return [...causes.values()].sort((a, b) => b.count - a.count || (a.topic < b.topic ? -1 : 1));
}
