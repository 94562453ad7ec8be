import { encodeEvent } from "@amc/schemas/codec";
import type { JobRun } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { JobName } from "@amc/streams/jobs/job-table";
import { nextDue } from "@amc/streams/jobs/jobs-due";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Append } from "../log/port.ts";

const JOB_RUN = "ops.job-run.v1";

type Told = Pick<JobRun, "dueAt" | "happenedAt" | "state" | "attempt"> &
  Partial<Omit<JobRun, "job" | "nextDueAt">>;

/** One step of one run. Its id says which: told again by whoever takes over, it is the same event. */
export function jobRunAppend(source: string, job: JobName, told: Told): Append {
  const run: JobRun = { ...NOTHING_MORE, ...told, job, nextDueAt: nextDue(job, told.dueAt) };
  const { dueAt, attempt, state, happenedAt } = run;
  const id = uuidOf(`job-run/${job}/${dueAt}/${attempt}/${state}`);
  return {
    ...{ topic: JOB_RUN, key: job, value: encodeEvent(JOB_RUN, run) },
    headers: eventHeaders({ id, source, topic: JOB_RUN, happenedAt }),
  };
}

const NOTHING_MORE = {
  startedAt: null,
  processed: null,
  successful: null,
  failed: null,
  reason: null,
  errorCode: null,
  errorMessage: null,
  retryAt: null,
} as const;
