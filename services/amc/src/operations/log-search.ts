import { nextOffset, recordsBelow } from "@amc/platform/log/next-offset";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log, LogRecord } from "@amc/platform/log/port";
import type { RecordPlace, Stored } from "@amc/query-api/read-model/port";
import { decodeEvent } from "@amc/schemas/codec";
import type { EventOf, TopicName } from "@amc/schemas/topics";

/** An event together with where it lies in the log. */
export interface Located<Topic extends TopicName> extends Stored<EventOf<Topic>> {
  readonly place: RecordPlace;
}

const CHUNK_RECORDS = 1_000;
const CHUNK_BYTES = 8 * 1024 * 1024;

/**
 * The newest event of a symbol at or before an instant that also satisfies `wanted`; null when the
 * log holds none. A partition of a derived topic is in order of event time, so the place is found
 * by bisection and read backwards from there.
 */
export async function newestOfSymbol<Topic extends TopicName>(
  log: Log,
  topic: Topic,
  symbol: string,
  atMs: number,
  wanted: (event: EventOf<Topic>, id: string) => boolean = () => true,
): Promise<Located<Topic> | null> {
  const partition = partitionOf(symbol, log.partitions(topic));
  const before = await firstOffsetAfter(log, topic, partition, atMs);
  for await (const record of backwards(log, topic, partition, before)) {
    if (record.key !== symbol || eventTimeOf(record) > atMs) continue;
    const found = locate(topic, record);
    if (found !== null && wanted(found.event, found.id)) return found;
  }
  return null;
}

/** The events of a symbol at exactly one instant, in log order. */
export async function eventsOfSymbolAt<Topic extends TopicName>(
  log: Log,
  topic: Topic,
  symbol: string,
  atMs: number,
): Promise<readonly Located<Topic>[]> {
  const partition = partitionOf(symbol, log.partitions(topic));
  const before = await firstOffsetAfter(log, topic, partition, atMs);
  const events: Located<Topic>[] = [];
  for await (const record of backwards(log, topic, partition, before)) {
    if (eventTimeOf(record) < atMs) break;
    const found = record.key === symbol ? locate(topic, record) : null;
    if (found !== null) events.push(found);
  }
  return events.reverse();
}

/** Records of one partition below an offset, newest first, a bounded read at a time. */
export async function* backwards(
  log: Log,
  topic: string,
  partition: number,
  before: number,
): AsyncGenerator<LogRecord> {
  const start = await log.startOffset(topic, partition);
  for (let to = before; to > start; ) {
    const from = Math.max(start, to - CHUNK_RECORDS);
    const records = await readRange(log, topic, partition, from, to);
    yield* records.reverse();
    to = from;
  }
}

async function readRange(
  log: Log,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  // A read may stop short of the count at its limit of bytes.
  for (let next = from; next < to; ) {
    const limits = { maxRecords: to - next, maxBytes: CHUNK_BYTES };
    const found = await log.read(topic, partition, next, limits);
    if (found.length === 0) break;
    records.push(...recordsBelow(found, to));
    next = nextOffset(found, next);
  }
  return records;
}

/** First offset of a partition in order of event time that happened after an instant. */
async function firstOffsetAfter(
  log: Log,
  topic: string,
  partition: number,
  atMs: number,
): Promise<number> {
  let low = await log.startOffset(topic, partition);
  let high = await log.endOffset(topic, partition);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [record] = await log.read(topic, partition, middle, { maxRecords: 1, maxBytes: 1 });
    if (record === undefined || eventTimeOf(record) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function locate<Topic extends TopicName>(
  topic: Topic,
  { partition, offset, value, headers }: LogRecord,
): Located<Topic> | null {
  const id = headers.ce_id;
  if (value === null || id === undefined) return null;
  const decoded = decodeEvent(topic, value);
  if (!decoded.ok) return null;
  return { id, event: decoded.value, place: { topic, partition, offset } };
}

function eventTimeOf({ headers }: LogRecord): number {
  return Date.parse(headers.ce_time ?? "");
}
