import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { Clock } from "@amc/schemas/generated/events";
import { isoUtc } from "@amc/streams/market/event-time";

const CLOCK = "ops.clock.v1";
const JOB_TICK = "ops.job-tick.v1";
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

/** Every run of a job that was asked for, as `instant job`, copies included, in the order of time. */
export async function jobRunsOf(log: Log): Promise<string[]> {
  const runs: string[] = [];
  for (let partition = 0; partition < log.partitions(JOB_TICK); partition += 1) {
    for await (const record of readPartition(log, JOB_TICK, partition, LIMITS)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== JOB_TICK) throw new TypeError("not a job");
      const { job, happenedAt } = decoded.event.value;
      if (record.key !== job) throw new TypeError(`${job} has the key ${record.key}`);
      runs.push(`${isoUtc(happenedAt)} ${job}`);
    }
  }
  return runs.sort();
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
