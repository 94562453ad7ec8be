import { decodeEvent } from "@amc/schemas/codec";
import type { FactTopic } from "@amc/schemas/topics";
import type { Log, LogRecord } from "./port.ts";

/** Topics whose facts say whether they are made up, and what a provider states goes to. */
export type StatedTopic = FactTopic | "portfolio.position.v1";

/** Transactions leave markers, and what does not decode says nothing: so many offsets are looked at. */
const LAST = { maxRecords: 16, maxBytes: 256_000 };

/**
 * The first of these topics whose newest facts are made up where those to come are not, or the other way
 * round; null without one. Only the newest are looked at: where nobody may mix, they tell of all.
 */
export async function topicOfOtherKind(
  log: Log,
  topics: readonly StatedTopic[],
  simulated: boolean,
): Promise<StatedTopic | null> {
  for (const topic of topics) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      const newest = await newestMark(log, topic, partition);
      if (newest !== null && newest !== simulated) return topic;
    }
  }
  return null;
}

async function newestMark(
  log: Log,
  topic: StatedTopic,
  partition: number,
): Promise<boolean | null> {
  const end = await log.endOffset(topic, partition);
  const start = await log.startOffset(topic, partition);
  const from = Math.max(start, end - LAST.maxRecords);
  if (from >= end) return null;
  const marks = (await log.read(topic, partition, from, LAST)).flatMap((record) =>
    markOf(topic, record),
  );
  return marks.at(-1) ?? null;
}

function markOf(topic: StatedTopic, { value }: LogRecord): readonly boolean[] {
  const decoded = value === null ? null : decodeEvent<StatedTopic>(topic, value);
  return decoded?.ok === true ? [decoded.value.simulated] : [];
}
