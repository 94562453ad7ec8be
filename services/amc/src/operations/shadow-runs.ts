import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { EventRange } from "@amc/replay/compare-logs";
import type { ShadowRun } from "@amc/schemas/generated/events";
import type { TopicName } from "@amc/schemas/topics";

const TOPIC = "discovery.shadow-run.v1" satisfies TopicName;
const LIMITS = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };

export interface FoundShadowRuns<Kept> {
  /** What was kept of each, in the order of their slots, each once. */
  readonly runs: readonly Kept[];
  /** Records that are no comparison. */
  readonly unreadable: number;
}

/**
 * The comparisons of a log whose slot lies in the range. Partitions are read one after the other, so
 * all slots are there only at the end; of each comparison, with its lists some 20 kB, only what
 * `keep` makes of it stays until then.
 */
export async function shadowRunsIn<Kept>(
  log: Log,
  { fromMs, toMs }: EventRange,
  keep: (run: ShadowRun) => Kept,
): Promise<FoundShadowRuns<Kept>> {
  const runs = new Map<string, Place & { readonly kept: Kept }>();
  let unreadable = 0;
  for (let partition = 0; partition < partitionsOf(log); partition += 1) {
    for await (const record of readPartition(log, TOPIC, partition, LIMITS)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== TOPIC) {
        unreadable += 1;
        continue;
      }
      const { id, value } = decoded.event;
      const { slot, trigger } = value;
      if (slot < fromMs || slot > toMs || runs.has(id)) continue;
      runs.set(id, { slot, trigger, kept: keep(value) });
    }
  }
  return { runs: [...runs.values()].sort(bySlot).map(({ kept }) => kept), unreadable };
}

/** A log of before there were shadow runs does not have the topic. */
function partitionsOf(log: Log): number {
  return log.topics().some(({ topic }) => topic === TOPIC) ? log.partitions(TOPIC) : 0;
}

type Place = Pick<ShadowRun, "slot" | "trigger">;

function bySlot(a: Place, b: Place): number {
  return a.slot - b.slot || (a.trigger < b.trigger ? -1 : a.trigger > b.trigger ? 1 : 0);
}
