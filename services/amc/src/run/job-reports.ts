import type { JobRunEnd } from "@amc/platform/jobs/job-runner";
import type { JobWorkerOptions } from "@amc/platform/jobs/job-worker";
import { errorCode } from "@amc/platform/postgres/errors";
import type { Telemetry } from "@amc/platform/telemetry";
import { isoUtc } from "@amc/streams/market/event-time";
import type { ServiceContext } from "./service.ts";

export interface JobReports extends Pick<ServiceContext, "logger" | "metrics"> {
  readonly telemetry: Pick<Telemetry, "written">;
}

/** How a worker of jobs tells what became of each run: lines of the log, and metrics. */
export function jobReports(
  { logger, metrics, telemetry }: JobReports,
  group: string,
): Pick<JobWorkerOptions, "onEnded" | "onRefused"> {
  return {
    onEnded: (end) => {
      metrics.jobs.ended(end);
      if (end.state === "FAILED") {
        metrics.failed(end.job, errorCode(end.error) ?? "unknown", end.retryAt !== null);
      }
      tellEnd(logger, end);
    },
    onRefused: (letter) => telemetry.written(group, [letter], 0),
  };
}

function tellEnd(logger: JobReports["logger"], end: JobRunEnd): void {
  const { job, atMs, attempt, durationMs, outcome, error, retryAt } = end;
  const run = { job, at: isoUtc(atMs), attempt, durationMs };
  switch (end.state) {
    case "SUCCEEDED":
      logger.info({ ...run, ...outcome }, "a job is done");
      break;
    case "SKIPPED":
      logger.info({ ...run, ...outcome }, "a job was skipped");
      break;
    case "FAILED":
      if (retryAt === null) logger.error({ err: error, ...run }, "a job failed and is given up");
      else logger.warn({ err: error, ...run, retryAt: isoUtc(retryAt) }, "a job failed for now");
  }
}
