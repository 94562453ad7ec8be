import type { Log } from "@amc/platform/log/port";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { TOPIC_NAMES, TOPICS } from "@amc/schemas/topics";

export interface LogCounts {
  /** Facts by topic, without topics that hold none. */
  readonly facts: Readonly<Record<string, number>>;
  readonly deadLetters: number;
}

/** How much of what a log holds. */
export async function logCounts(log: Log): Promise<LogCounts> {
  const facts: Record<string, number> = {};
  let deadLetters = 0;
  for (const topic of TOPIC_NAMES) {
    const count = await recordCount(log, topic);
    if (TOPICS[topic].kind === "fact" && count > 0) facts[topic] = count;
    deadLetters += await recordCount(log, deadLetterTopic(topic));
  }
  return { facts, deadLetters };
}

async function recordCount(log: Log, topic: string): Promise<number> {
  let count = 0;
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    count += await log.endOffset(topic, partition);
  }
  return count;
}
