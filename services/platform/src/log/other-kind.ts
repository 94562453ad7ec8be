import { decodeEvent } from "@amc/schemas/codec";
import type { FactTopic } from "@amc/schemas/topics";
import { nextOffset, recordsBelow } from "./next-offset.ts";
import type { Log, LogRecord } from "./port.ts";

/** Topics whose facts say whether they are made up, and what a provider states goes to. */
export type StatedTopic = FactTopic | "portfolio.position.v1";

/** At once; that is enough but where offsets have gaps or what lies last does not decode. */
const READ = { maxRecords: 16, maxBytes: 256_000 };

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

/** Steps back, twice as far each time, from the end to the newest fact that can be read. */
async function newestMark(
  log: Log,
  topic: StatedTopic,
  partition: number,
): Promise<boolean | null> {
  const end = await log.endOffset(topic, partition);
  const start = await log.startOffset(topic, partition);
  // From `searched` on there is none.
  let searched = end;
  for (let back = READ.maxRecords; searched > start; back *= 2) {
    const from = Math.max(start, end - back);
    const mark = await newestMarkBetween(log, { topic, partition, from, end: searched });
    if (mark !== null) return mark;
    searched = from;
  }
  return null;
}

interface Span {
  readonly topic: StatedTopic;
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

async function newestMarkBetween(
  log: Log,
  { topic, partition, from, end }: Span,
): Promise<boolean | null> {
  let newest: boolean | null = null;
  for (let offset = from; offset < end; ) {
    const records = await log.read(topic, partition, offset, READ);
    if (records.length === 0) break;
    const marks = recordsBelow(records, end).flatMap((record) => markOf(topic, record));
    newest = marks.at(-1) ?? newest;
    offset = nextOffset(records, offset);
  }
  return newest;
}

function markOf(topic: StatedTopic, { value }: LogRecord): readonly boolean[] {
  const decoded = value === null ? null : decodeEvent<StatedTopic>(topic, value);
  return decoded?.ok === true ? [decoded.value.simulated] : [];
}
