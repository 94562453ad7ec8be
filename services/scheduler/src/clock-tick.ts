import type { Append } from "@amc/platform/log/port";
import { LIVE_SOURCE } from "@amc/platform/runtime/newest-tick";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { TickPlan } from "./clock-state.ts";

export const CLOCK = "ops.clock.v1";
const JOB_TICK = "ops.job-tick.v1";
export const CONTROL = "ops.control.v1";
/** What a tick covers, in the order in which topics are ranked; settings come last. */
export const CUT_TOPICS = [...FACT_TOPICS, CONTROL] as const;
const PRODUCER = "/amc/scheduler";

/** The same plan gives the same records, ids included, whoever writes it. */
export function planAppends(plan: TickPlan, partitions: number): Append[] {
  return [...tickAppends(plan, partitions), ...plan.runs.map(jobAppend)];
}

function jobAppend({ job, atMs }: TickPlan["runs"][number]): Append {
  const id = uuidOf(`job/${job}/${atMs}`);
  return {
    ...{ topic: JOB_TICK, key: job },
    value: encodeEvent(JOB_TICK, { job, happenedAt: atMs, source: LIVE_SOURCE }),
    headers: eventHeaders({ id, source: PRODUCER, topic: JOB_TICK, happenedAt: atMs }),
  };
}

/** One tick to every partition for each instant of a plan, with the cut of that partition. */
function tickAppends({ ticks, cuts }: TickPlan, partitions: number): Append[] {
  return ticks.flatMap((atMs) =>
    Array.from({ length: partitions }, (_, partition) => {
      const id = uuidOf(`clock/${LIVE_SOURCE}/${atMs}/${partition}`);
      const value = {
        happenedAt: atMs,
        cuts: cuts.map(({ topic, ends }) => ({ topic, endOffset: ends[partition] ?? 0 })),
        // The present is never a warm-up.
        discovery: true,
        source: LIVE_SOURCE,
      };
      return {
        ...{ topic: CLOCK, partition, key: null, value: encodeEvent(CLOCK, value) },
        headers: eventHeaders({ id, source: PRODUCER, topic: CLOCK, happenedAt: atMs }),
      };
    }),
  );
}
