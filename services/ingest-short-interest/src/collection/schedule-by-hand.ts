import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { StageEvent } from "@amc/streams/kernel/stage";
import { type ScheduleInForce, scheduleAt } from "@amc/streams/short-interest/schedule-in-force";

const CONTROL = "ops.control.v1";
const READ = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/** FINRA's schedule as people had decided it by an instant (UTC ms), out of the log. */
export async function scheduleInForce(log: Log, atMs: number): Promise<ScheduleInForce> {
  const decisions: StageEvent<"ops.control.v1">[] = [];
  // Decisions are few and in every partition: the first is read from its beginning.
  for await (const record of readPartition(log, CONTROL, 0, READ)) {
    const decoded = decodeRecord(record, false);
    // What cannot be read was dead-lettered by the stages and is in force nowhere.
    if (decoded.ok && decoded.event.topic === CONTROL) decisions.push(decoded.event);
  }
  return scheduleAt(decisions, atMs);
}
