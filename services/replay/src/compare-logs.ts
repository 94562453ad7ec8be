import type { Log, LogRecord } from "@amc/platform/log/port";
import { digestOf } from "@amc/schemas/digest";
import type { TopicName } from "@amc/schemas/topics";
import { DERIVED_TOPICS, recordsOf } from "./log-digests.ts";

/** Event times, UTC ms, both included. */
export interface EventRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TopicComparison {
  readonly topic: TopicName;
  readonly isEqual: boolean;
  /** Records that count, and the SHA-256 over them. */
  readonly live: { readonly records: number; readonly sha256: string };
  readonly replayed: { readonly records: number; readonly sha256: string };
}

/** R-TST-15. Compares, topic by topic, what was derived live and in a replay within a range. */
export async function compareDerived(
  live: Log,
  replayed: Log,
  range: EventRange,
): Promise<readonly TopicComparison[]> {
  const comparisons: TopicComparison[] = [];
  for (const topic of DERIVED_TOPICS) {
    const [ours, theirs] = [
      await digestOf(within(live, topic, range)),
      await digestOf(within(replayed, topic, range)),
    ];
    comparisons.push({
      topic,
      isEqual: ours.sha256 === theirs.sha256,
      live: { records: ours.records, sha256: ours.sha256 },
      replayed: { records: theirs.records, sha256: theirs.sha256 },
    });
  }
  return comparisons;
}

async function* within(
  log: Log,
  topic: TopicName,
  { fromMs, toMs }: EventRange,
): AsyncGenerator<LogRecord> {
  // A log of an older build lacks the topics that came after it: it holds nothing of them.
  if (!log.topics().some((held) => held.topic === topic)) return;
  for await (const record of recordsOf(log, topic)) {
    const happenedAt = Date.parse(record.headers.ce_time ?? "");
    if (happenedAt >= fromMs && happenedAt <= toMs) yield record;
  }
}
