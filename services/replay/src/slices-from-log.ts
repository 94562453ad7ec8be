import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { publishedAtOf } from "@amc/platform/runtime/slice";
import { isTopicName } from "@amc/schemas/topics";
import { recordsOf } from "./log-digests.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

/**
 * The slices that partition 0 of a log holds: the facts between two ticks, as the cuts draw the
 * line. A recording played once into a log of one partition can so be written again in other ways.
 */
export async function slicesFromLog(log: Log): Promise<FactSlice[]> {
  const slices: FactSlice[] = [];
  const taken = new Map<string, number>();
  for await (const record of recordsOf(log, "ops.clock.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "ops.clock.v1") {
      throw new TypeError(`clock tick ${record.offset} cannot be read`);
    }
    const { happenedAt, cuts, discovery } = decoded.event.value;
    const facts: SliceFactAppend[] = [];
    for (const { topic, endOffset } of cuts) {
      await takeFacts(log, topic, taken, endOffset, facts);
    }
    slices.push({ atMs: happenedAt, discovery, facts });
  }
  return slices;
}

async function takeFacts(
  log: Log,
  topic: string,
  taken: Map<string, number>,
  endOffset: number,
  facts: SliceFactAppend[],
): Promise<void> {
  if (!isTopicName(topic)) throw new TypeError(`a tick covers ${topic}, which is no topic of ours`);
  let next = taken.get(topic) ?? 0;
  while (next < endOffset) {
    const maxRecords = Math.min(LIMITS.maxRecords, endOffset - next);
    for (const record of await log.read(topic, 0, next, { ...LIMITS, maxRecords })) {
      const decoded = decodeRecord(record, false);
      const { key, value, headers } = record;
      facts.push({
        topic,
        // What cannot be read keeps its place, so that every way dead-letters the same records.
        publishedAt: decoded.ok ? publishedAtOf(decoded.event) : 0,
        append: { topic, key, value, headers },
      });
      next += 1;
    }
  }
  taken.set(topic, next);
}
