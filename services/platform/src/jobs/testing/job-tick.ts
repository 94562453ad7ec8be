import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { JobName } from "@amc/streams/jobs/job-table";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Append } from "../../log/port.ts";

/** A tick as the scheduler writes it, by the same id. */
export function jobTick(job: JobName, atMs: number): Append {
  const identity = { id: uuidOf(`job/${job}/${atMs}`), source: "/amc/scheduler", happenedAt: atMs };
  return {
    ...{ topic: "ops.job-tick.v1", key: job },
    value: encodeEvent("ops.job-tick.v1", { job, happenedAt: atMs, source: "scheduler" }),
    headers: eventHeaders({ ...identity, topic: "ops.job-tick.v1" }),
  };
}
