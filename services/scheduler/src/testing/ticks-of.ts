import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { Clock } from "@amc/schemas/generated/events";

const CLOCK = "ops.clock.v1";
const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

export interface WrittenTick extends Clock {
  readonly id: string;
}

/** Every tick of one partition as it lies there, copies included. */
export async function ticksOf(log: Log, partition: number): Promise<WrittenTick[]> {
  const ticks: WrittenTick[] = [];
  for await (const record of readPartition(log, CLOCK, partition, LIMITS)) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== CLOCK) throw new TypeError("not a tick");
    ticks.push({ ...decoded.event.value, id: decoded.event.id });
  }
  return ticks;
}

/**
 * The log of a broken build: a scheduler that opens it finds neither what was decided before nor the
 * newest tick.
 */
export function forgetfulLog(log: Log): Log {
  return {
    ...logWithCommit(log, (commit) => log.commit(commit)),
    state: async function* () {},
    startOffset: (topic, partition) =>
      topic === CLOCK ? log.endOffset(topic, partition) : log.startOffset(topic, partition),
  };
}
