import type { TopicName } from "@amc/schemas/topics";
import { nextOffset, recordsBelow } from "../log/next-offset.ts";
import type { Log } from "../log/port.ts";
import { decodeRecord } from "./decode-record.ts";
import type { Lineage } from "./lineage.ts";

/** More than the candidates of one slot; one that lies further back begins a trace of its own. */
const RECALLED_RECORDS = 1_000;
const READ = { maxRecords: RECALLED_RECORDS, maxBytes: 8 * 1024 * 1024 };

/**
 * Reads again what was taken last, so that what is emitted after a restart continues the same traces
 * as without one. State keeps the events of an open slot, but not their headers.
 */
export async function recallEvents(
  lineage: Lineage,
  log: Log,
  topics: readonly TopicName[],
  partition: number,
  positions: ReadonlyMap<string, number>,
): Promise<void> {
  for (const topic of topics) {
    const end = positions.get(topic) ?? 0;
    let next = Math.max(await log.startOffset(topic, partition), end - RECALLED_RECORDS);
    while (next < end) {
      const records = recordsBelow(await log.read(topic, partition, next, READ), end);
      if (records.length === 0) break;
      for (const record of records) {
        const decoded = decodeRecord(record, false);
        if (decoded.ok) lineage.sawEvent(decoded.event, record);
      }
      next = nextOffset(records, next);
    }
  }
}
