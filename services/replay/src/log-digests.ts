import type { Log, LogRecord } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { digestOf, type TopicDigest } from "@amc/schemas/digest";
import { TOPIC_NAMES, TOPICS, type TopicName } from "@amc/schemas/topics";

const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

/** Topics whose bytes must be the same wherever the same facts are processed. */
export const DERIVED_TOPICS: readonly TopicName[] = TOPIC_NAMES.filter(
  (topic) => TOPICS[topic].kind === "derived",
);

/**
 * Topics whose records of one key come from one partition and so keep their order. Candidates are
 * a set keyed by trading day that many partitions fill: their order says nothing.
 */
export function isOrdered(topic: TopicName): boolean {
  return TOPICS[topic].key !== "trading-day";
}

export type LogDigests = ReadonlyMap<TopicName, TopicDigest>;

export async function digestsOf(log: Log): Promise<LogDigests> {
  const digests = new Map<TopicName, TopicDigest>();
  for (const topic of DERIVED_TOPICS) {
    digests.set(topic, await digestOf(recordsOf(log, topic)));
  }
  return digests;
}

/** All records of a topic, partition by partition, a bounded read at a time. */
export async function* recordsOf(log: Log, topic: string): AsyncGenerator<LogRecord> {
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    yield* readPartition(log, topic, partition, LIMITS);
  }
}
