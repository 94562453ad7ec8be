import { nextOffset } from "./next-offset.ts";
import type { Log, LogRecord, ReadLimits } from "./port.ts";

/** All records of a partition from the first that is kept to the end, a bounded read at a time. */
export async function* readPartition(
  log: Pick<Log, "read" | "startOffset">,
  topic: string,
  partition: number,
  limits: ReadLimits,
): AsyncGenerator<LogRecord> {
  let offset = await log.startOffset(topic, partition);
  for (;;) {
    const records = await log.read(topic, partition, offset, limits);
    if (records.length === 0) return;
    yield* records;
    offset = nextOffset(records, offset);
  }
}
