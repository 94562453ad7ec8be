import { decodeEvent } from "@amc/schemas/codec";
import type { Log } from "../log/port.ts";

const TOPIC = "ops.provider-call.v1";
const READ = { maxRecords: 1_000, maxBytes: 1_000_000 };

/**
 * Instants at which calls to a provider were sent, UTC ms, as the log tells of those recorded since
 * `sinceMs`: what a budget has to know after a restart. A record that does not decode is passed over;
 * the projector reports it.
 */
export async function recentCalls(log: Log, provider: string, sinceMs: number): Promise<number[]> {
  const instants: number[] = [];
  for (let partition = 0; partition < log.partitions(TOPIC); partition += 1) {
    const end = await log.endOffset(TOPIC, partition);
    let next = await log.offsetAtTime(TOPIC, partition, sinceMs);
    while (next < end) {
      const records = await log.read(TOPIC, partition, next, READ);
      const last = records.at(-1);
      if (last === undefined) break;
      next = last.offset + 1;
      for (const { key, value } of records) {
        if (key !== provider || value === null) continue;
        const call = decodeEvent(TOPIC, value);
        if (call.ok && call.value.happenedAt >= sinceMs) instants.push(call.value.happenedAt);
      }
    }
  }
  return instants;
}
