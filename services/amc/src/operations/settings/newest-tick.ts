import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";

const CLOCK = "ops.clock.v1";

/** Event time of the newest clock tick, UTC ms; null before the first. */
export async function newestTickMs(log: Log): Promise<number | null> {
  const end = await log.endOffset(CLOCK, 0);
  if (end === (await log.startOffset(CLOCK, 0))) return null;
  const [record] = await log.read(CLOCK, 0, end - 1, { maxRecords: 1, maxBytes: 1 });
  const decoded = record === undefined ? null : decodeRecord(record, false);
  return decoded?.ok === true ? decoded.event.value.happenedAt : null;
}
