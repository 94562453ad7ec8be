import type { JobHandler } from "@amc/platform/jobs/job-runner";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { liveSinceMs } from "@amc/platform/runtime/newest-tick";
import { prune } from "@amc/projector/prune";
import type { JobName } from "@amc/streams/jobs/job-table";
import { isoUtc } from "@amc/streams/market/event-time";
import type { Pool } from "pg";
import { type JobReports, jobReports } from "./job-reports.ts";
import { METRICS_JOB, metricsJob } from "./metrics-job.ts";
import { QUALITY_JOB_NAMES, qualityJobs } from "./quality-jobs.ts";
import type { ServiceContext } from "./service.ts";

/** Group of the jobs that work on the tables, which are the projector's; one unit, so one at a time. */
export const PROJECTOR_JOBS = "jobs.projector";
const SOURCE = "/amc/projector";
export const PROJECTOR_JOB_NAMES = [
  "data_cleanup",
  ...QUALITY_JOB_NAMES,
  METRICS_JOB,
] as const satisfies readonly JobName[];

type Told = JobReports & Pick<ServiceContext, "log" | "clock" | "variables">;

/**
 * The jobs of the tables: `data_cleanup` deletes rows that have outlived the retention of their table
 * at the instant of the run. History that was played before the scheduler published its first tick
 * stays: it was old when it came, and `amc prune` takes it when asked to. Records are the brokers' to
 * delete; where there are none, `cutLog` takes those that must not pile up, as of an instant, UTC ms. Beside it those that look at what the tables hold (`qualityJobs`), and the one that measures
 * hours (`metricsJob`).
 */
export async function openProjectorJobs(
  told: Told,
  pool: Pool,
  cutLog: (asOfMs: number) => Promise<void> = async () => undefined,
  until?: AbortSignal,
): Promise<JobWorker> {
  const { log, logger, clock, variables } = told;
  const [cleanup] = PROJECTOR_JOB_NAMES;
  const handlers = new Map<JobName, JobHandler>([
    ...qualityJobs(told, pool),
    [METRICS_JOB, metricsJob(told, pool, SOURCE)],
    [
      cleanup,
      async (atMs, signal) => {
        await cutLog(atMs);
        const sinceMs = await liveSinceMs(log);
        if (sinceMs === null) {
          logger.warn({ asOf: isoUtc(atMs) }, "no cleanup: all there is was played");
          return { skipped: "nothing-live" };
        }
        const pruned = await prune(pool, atMs, {
          ...{ sinceMs, signal },
          shortInterestDays: variables.SHORT_INTEREST_HISTORICAL_DEPTH,
        });
        const instants = { asOf: isoUtc(atMs), since: isoUtc(sinceMs) };
        logger.info({ ...instants, ...Object.fromEntries(pruned) }, "old rows are deleted");
        const rows = [...pruned.values()].reduce((sum, count) => sum + count, 0);
        return { processed: rows, successful: rows, failed: 0 };
      },
    ],
  ]);
  const working = {
    ...{ log, clock, group: PROJECTOR_JOBS, source: SOURCE, handlers },
    concurrency: variables.SCHEDULER_JOB_CONCURRENCY,
    ...jobReports(told, PROJECTOR_JOBS),
  };
  return await JobWorker.open(working, until);
}
