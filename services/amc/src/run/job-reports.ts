import type { JobWorkerOptions } from "@amc/platform/jobs/job-worker";
import { errorCode } from "@amc/platform/postgres/errors";
import type { Telemetry } from "@amc/platform/telemetry";
import { isoUtc } from "@amc/streams/market/event-time";
import type { ServiceContext } from "./service.ts";

export interface JobReports extends Pick<ServiceContext, "logger" | "metrics"> {
  readonly telemetry: Pick<Telemetry, "written">;
}

/** How a worker of jobs tells what became of each run: lines of the log, and metrics of what failed. */
export function jobReports(
  { logger, metrics, telemetry }: JobReports,
  group: string,
): Pick<JobWorkerOptions, "onDone" | "onFailed" | "onRefused"> {
  return {
    onDone: (job, atMs) => logger.info({ job, at: isoUtc(atMs) }, "a job is done"),
    onFailed: (job, atMs, error) => {
      metrics.failed(job, errorCode(error) ?? "unknown", false);
      logger.error({ err: error, job, at: isoUtc(atMs) }, "a job failed and is given up");
    },
    onRefused: (letter) => telemetry.written(group, [letter], 0),
  };
}
