import type { JobRun } from "@amc/schemas/generated/events";
import type { Log } from "../../log/port.ts";
import { readPartition } from "../../log/read-partition.ts";
import { decodeRecord } from "../../runtime/decode-record.ts";

const JOB_RUN = "ops.job-run.v1";
const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

/** Every event about runs as it lies in the log, with its id; those of one job in order. */
export async function runsTold(log: Log): Promise<(JobRun & { readonly id: string })[]> {
  const told: (JobRun & { readonly id: string })[] = [];
  for (let partition = 0; partition < log.partitions(JOB_RUN); partition += 1) {
    for await (const record of readPartition(log, JOB_RUN, partition, LIMITS)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== JOB_RUN) throw new TypeError("not a run of a job");
      if (record.key !== decoded.event.value.job) throw new TypeError(`the key is ${record.key}`);
      told.push({ ...decoded.event.value, id: decoded.event.id });
    }
  }
  return told;
}
