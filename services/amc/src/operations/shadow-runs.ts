import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { EventRange } from "@amc/replay/compare-logs";
import type { ShadowRun } from "@amc/schemas/generated/events";
import type { TopicName } from "@amc/schemas/topics";

const TOPIC = "discovery.shadow-run.v1" satisfies TopicName;
const LIMITS = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };

export interface FoundShadowRuns {
  /** In the order of their slots, each once. */
  readonly runs: readonly ShadowRun[];
  /** Records that are no comparison. */
  readonly unreadable: number;
}

/** The comparisons of a log whose slot lies in the range. */
export async function shadowRunsIn(
  log: Log,
  { fromMs, toMs }: EventRange,
): Promise<FoundShadowRuns> {
  const runs = new Map<string, ShadowRun>();
  let unreadable = 0;
  for (let partition = 0; partition < partitionsOf(log); partition += 1) {
    for await (const record of readPartition(log, TOPIC, partition, LIMITS)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== TOPIC) {
        unreadable += 1;
        continue;
      }
      const { id, value } = decoded.event;
      if (value.slot >= fromMs && value.slot <= toMs) runs.set(id, value);
    }
  }
  return { runs: [...runs.values()].sort(bySlot), unreadable };
}

/** A log of before there were shadow runs does not have the topic. */
function partitionsOf(log: Log): number {
  return log.topics().some(({ topic }) => topic === TOPIC) ? log.partitions(TOPIC) : 0;
}

function bySlot(a: ShadowRun, b: ShadowRun): number {
  return a.slot - b.slot || (a.trigger < b.trigger ? -1 : a.trigger > b.trigger ? 1 : 0);
}
