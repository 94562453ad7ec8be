import { CLOCK_SKEW_MS } from "@amc/schemas/domain-checks";
import { nextOffset } from "./next-offset.ts";
import type { Log, LogRecord } from "./port.ts";

const READ = { maxRecords: 1_000, maxBytes: 1_000_000 };

/**
 * Records of a topic that can be about `sinceMs`, UTC ms, or later, a bounded read at a time: what was
 * appended before an instant cannot have happened after it. Ends where the topic ended when it began.
 */
export async function* recordsSince(
  log: Log,
  topic: string,
  sinceMs: number,
): AsyncGenerator<LogRecord> {
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    const end = await log.endOffset(topic, partition);
    let offset = await log.offsetAtTime(topic, partition, sinceMs - CLOCK_SKEW_MS);
    while (offset < end) {
      const records = await log.read(topic, partition, offset, READ);
      if (records.length === 0) break;
      yield* records;
      offset = nextOffset(records, offset);
    }
  }
}
