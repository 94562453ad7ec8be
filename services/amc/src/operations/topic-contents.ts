import type { Log } from "@amc/platform/log/port";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";

/** What one partition keeps: offsets from `start` up to but not including `end`. */
export interface PartitionContents {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface TopicContents {
  readonly topic: TopicName;
  readonly partitions: readonly PartitionContents[];
  /** Records kept. */
  readonly records: number;
  readonly deadLetters: number;
}

/** How much every topic of the system holds; a topic that the log does not have yet is left out. */
export async function topicContents(log: Log): Promise<readonly TopicContents[]> {
  const present = new Set(log.topics().map(({ topic }) => topic));
  const contents: TopicContents[] = [];
  for (const topic of TOPIC_NAMES) {
    if (!present.has(topic)) continue;
    const partitions = await partitionContents(log, topic);
    const refused = deadLetterTopic(topic);
    const dead = present.has(refused) ? await partitionContents(log, refused) : [];
    contents.push({
      topic,
      partitions,
      records: recordCount(partitions),
      deadLetters: recordCount(dead),
    });
  }
  return contents;
}

export async function partitionContents(log: Log, topic: string): Promise<PartitionContents[]> {
  const contents: PartitionContents[] = [];
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    const start = await log.startOffset(topic, partition);
    contents.push({ partition, start, end: await log.endOffset(topic, partition) });
  }
  return contents;
}

export function recordCount(partitions: readonly PartitionContents[]): number {
  return partitions.reduce((sum, { start, end }) => sum + end - start, 0);
}
