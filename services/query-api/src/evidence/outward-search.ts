import { setImmediate } from "node:timers/promises";
import { nextOffset } from "@amc/platform/log/next-offset";
import type { Log, LogRecord } from "@amc/platform/log/port";
import type { RecordPlace } from "../read-model/port.ts";

/** Records of one read: some 0.5 ms of the file log, whose reads hold up the stages beside it. */
const CHUNK = { maxRecords: 512, maxBytes: 4 * 1024 * 1024 };
/**
 * Reads of one search, 102,400 records in all: where 2,000 symbols over four partitions publish one daily
 * bar each, 100 sessions to either side; some 0.2 s, in pieces, for an id that is not there.
 */
const READS_MAX = 200;

export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  /** First offset that is kept. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/** One direction of the search from one place. */
interface Front {
  /** Null where there is nothing more to read. */
  next: number | null;
  readonly step: (from: number) => Promise<Found>;
}

interface Found {
  readonly record: LogRecord | null;
  readonly next: number | null;
}

/**
 * Looks for the record with an id around some offsets, a chunk to either side in turn; null when it is
 * not among those that may be read. Lets the event loop go on between two reads.
 */
export async function searchOutward(
  log: Log,
  stretch: Stretch,
  id: string,
  offsets: readonly number[],
): Promise<RecordPlace | null> {
  const fronts = offsets.flatMap((offset): Front[] => [
    { next: offset, step: (from) => ahead(log, stretch, id, from) },
    { next: offset, step: (from) => back(log, stretch, id, from) },
  ]);
  for (let reads = 0; reads < READS_MAX; ) {
    const open = fronts.filter(({ next }) => next !== null);
    if (open.length === 0) return null;
    for (const front of open) {
      const { record, next } = await front.step(front.next ?? stretch.end);
      if (record !== null) return placeOf(record);
      front.next = next;
      reads += 1;
      await setImmediate();
    }
  }
  return null;
}

async function ahead(log: Log, stretch: Stretch, id: string, from: number): Promise<Found> {
  const { topic, partition, end } = stretch;
  if (from >= end) return { record: null, next: null };
  const records = await log.read(topic, partition, from, CHUNK);
  const record = records.find(({ headers }) => headers.ce_id === id) ?? null;
  return { record, next: records.length === 0 ? null : nextOffset(records, from) };
}

async function back(log: Log, stretch: Stretch, id: string, to: number): Promise<Found> {
  const from = Math.max(stretch.start, to - CHUNK.maxRecords);
  if (from >= to) return { record: null, next: null };
  // A read may stop short of the count at its limit of bytes.
  for (let at: number | null = from; at !== null && at < to; ) {
    const found: Found = await ahead(log, { ...stretch, end: to }, id, at);
    if (found.record !== null) return found;
    at = found.next;
  }
  return { record: null, next: from };
}

function placeOf({ topic, partition, offset }: LogRecord): RecordPlace {
  return { topic, partition, offset };
}
