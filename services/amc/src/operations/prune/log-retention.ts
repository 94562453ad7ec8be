import type { Log } from "@amc/platform/log/port";
import { TOPIC_NAMES, TOPICS, type TopicName } from "@amc/schemas/topics";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { ProjectionPosition } from "../projection-positions.ts";

/** What retention takes from one partition: records from `start` up to but not including `keep`. */
export interface PartitionCut {
  readonly topic: TopicName;
  readonly partition: number;
  readonly retentionDays: number;
  readonly start: number;
  readonly keep: number;
}

/**
 * What topics with a retention have kept longer than it, counted back from `asOfMs` in append time:
 * a replayed past is not old because its events are. Never past what a projection has still to
 * read; topics without a retention are kept for ever.
 */
export async function logCuts(
  log: Log,
  asOfMs: number,
  positions: readonly ProjectionPosition[],
): Promise<PartitionCut[]> {
  const cuts: PartitionCut[] = [];
  const present = new Set(log.topics().map(({ topic }) => topic));
  for (const topic of TOPIC_NAMES) {
    const { retentionDays } = TOPICS[topic];
    if (retentionDays === null || !present.has(topic)) continue;
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      const start = await log.startOffset(topic, partition);
      const old = await log.offsetAtTime(topic, partition, asOfMs - retentionDays * DAY_MS);
      const unread = positions
        .filter((at) => at.topic === topic && at.partition === partition)
        .map(({ next }) => next);
      const keep = Math.max(start, Math.min(old, ...unread));
      cuts.push({ topic, partition, retentionDays, start, keep });
    }
  }
  return cuts;
}

/** Takes from a log that nobody else cuts what one topic has kept for too long. */
export async function cutTopic(log: Log, topic: TopicName, asOfMs: number): Promise<void> {
  const cuts = await logCuts(log, asOfMs, []);
  await applyCuts(
    log,
    cuts.filter((cut) => cut.topic === topic),
  );
}

export async function applyCuts(log: Log, cuts: readonly PartitionCut[]): Promise<void> {
  for (const { topic, partition, start, keep } of cuts) {
    if (keep > start) await log.truncateBefore(topic, partition, keep);
  }
}
