import { nextOffset, recordsBelow } from "@amc/platform/log/next-offset";
import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { LastTick } from "@amc/platform/runtime/last-tick";
import { publishedAtOf } from "@amc/platform/runtime/slice";
import type { Clock } from "@amc/schemas/generated/events";
import { isTopicName, TOPICS, type TopicName, type TopicSpec } from "@amc/schemas/topics";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

const CLOCK = "ops.clock.v1";
const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

/**
 * The slices that a log holds: the facts between two ticks, as the cuts of
 * each partition draw the line, in the order of the partitions. What was played once can so be
 * written again in other ways, also to another number of partitions. A late copy of a tick is passed
 * over, as every stage does. Throws TypeError when a tick cannot be read or the partitions tell
 * different times, `runtime.clock-went-back` where a stage would.
 */
export async function slicesFromLog(log: Log): Promise<FactSlice[]> {
  const slices: Slice[] = [];
  for (let partition = 0; partition < log.partitions(CLOCK); partition += 1) {
    await takePartition(log, partition, slices);
  }
  return slices;
}

interface Slice extends FactSlice {
  readonly facts: SliceFactAppend[];
}

/** Adds the facts of one partition to the slices; the first partition makes them. */
async function takePartition(log: Log, partition: number, slices: Slice[]): Promise<void> {
  const taken = new Map<string, number>();
  let index = 0;
  for await (const { happenedAt, cuts, discovery } of ticksOf(log, partition)) {
    if (partition === 0) slices.push({ atMs: happenedAt, discovery, facts: [] });
    const slice = slices[index];
    if (slice?.atMs !== happenedAt) {
      throw new TypeError(`tick ${index} of partition ${partition} is none of partition 0`);
    }
    for (const { topic, endOffset } of cuts) {
      if (!isTopicName(topic)) throw new TypeError(`a tick covers ${topic}, no topic of ours`);
      const spec: TopicSpec = TOPICS[topic];
      // A broadcast lies in every partition and is written to all of them again.
      if (spec.broadcast && partition > 0) continue;
      const from = taken.get(topic) ?? (await log.startOffset(topic, partition));
      await takeFacts(log, topic, partition, { from, endOffset }, slice.facts);
      taken.set(topic, Math.max(from, endOffset));
    }
    index += 1;
  }
}

async function* ticksOf(log: Log, partition: number): AsyncGenerator<Clock> {
  const last = new LastTick();
  for await (const record of readPartition(log, CLOCK, partition, LIMITS)) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== CLOCK) {
      throw new TypeError(`clock tick ${record.offset} of ${partition} cannot be read`);
    }
    const tick = decoded.event.value;
    if (last.isCopy(tick, record)) continue;
    last.set(tick);
    yield tick;
  }
}

async function takeFacts(
  log: Log,
  topic: TopicName,
  partition: number,
  { from, endOffset }: { readonly from: number; readonly endOffset: number },
  facts: SliceFactAppend[],
): Promise<void> {
  let next = from;
  while (next < endOffset) {
    const maxRecords = Math.min(LIMITS.maxRecords, endOffset - next);
    const found = await log.read(topic, partition, next, { ...LIMITS, maxRecords });
    const records = recordsBelow(found, endOffset);
    // Compaction may have taken the last records of a cut away.
    if (records.length === 0 && found.length > 0) return;
    if (records.length === 0) throw new TypeError(`a tick covers ${topic}/${partition}/${next}`);
    for (const record of records) {
      const decoded = decodeRecord(record, false);
      const { key, value, headers } = record;
      facts.push({
        topic,
        // What cannot be read keeps its place, so that every way dead-letters the same records.
        publishedAt: decoded.ok ? publishedAtOf(decoded.event) : 0,
        append: { topic, key, value, headers },
      });
    }
    next = nextOffset(records, next);
  }
}
