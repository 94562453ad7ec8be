import { breakerTrialJobs } from "@amc/ingest-short-interest/collection/breaker-trial";
import {
  type CollectedDate,
  finraJobs,
  SHORT_INTEREST_PRODUCER,
} from "@amc/ingest-short-interest/collection/finra-jobs";
import {
  isScheduleError,
  scheduleAlert,
  scheduleJobs,
} from "@amc/ingest-short-interest/collection/schedule-check";
import type { Variables } from "@amc/platform/config/variables";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { JobError } from "@amc/platform/jobs/job-error";
import type { JobHandler, JobRunEnd } from "@amc/platform/jobs/job-runner";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import type { Log } from "@amc/platform/log/port";
import type { Telemetry } from "@amc/platform/telemetry";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import type { JobName } from "@amc/streams/jobs/job-table";
import { formatCount } from "../output/format.ts";
import type { Printer } from "../output/printer.ts";
import type { LiveSources } from "./live-sources.ts";
import type { SourceTeller } from "./source-asker.ts";

export interface LiveJobsOptions {
  readonly log: Log;
  readonly telemetry: Pick<Telemetry, "metrics" | "written">;
  readonly variables: Variables;
  readonly clock: WaitingClock;
  readonly sources: Pick<LiveSources, "finra" | "schedulePage">;
  readonly teller: SourceTeller;
  readonly printer: Pick<Printer, "line">;
}

export type LiveJobs = ReadonlyMap<JobName, JobHandler>;

export const JOBS_GROUP = "jobs.short-interest" satisfies WorkGroupName;

/** What FINRA is asked for at its hours, as `run short-interest` does on a cluster. */
export function liveJobs({ log, sources, printer, variables }: LiveJobsOptions): LiveJobs {
  const onCollected = ({ dataset, date, facts, refused, outcome }: CollectedDate): void => {
    const text = outcome === "early" ? "not published yet" : `${formatCount(facts)} facts`;
    printer.line(
      { type: "collected", provider: "finra_short", dataset, date, facts, refused, outcome },
      `finra_short: ${dataset} of ${date}: ${text}`,
    );
  };
  const { finra, schedulePage } = sources;
  const collection = finraJobs({
    ...{ log, finra, onCollected },
    batchSize: variables.SHORT_INTEREST_BATCH_SIZE,
    onBatch: () => undefined,
    updateEveryMinutes: variables.SHORT_INTEREST_UPDATE_FREQUENCY,
  });
  const check = scheduleJobs({
    ...{ log, ...schedulePage, isEnabled: variables.FINRA_SCHEDULE_CHECK_ENABLED },
    onChecked: (periods) =>
      printer.line(
        { type: "schedule", provider: "finra_short", periods, code: null, message: null },
        `finra_short: the schedule is that of the calendar, all ${periods} periods of it`,
      ),
  });
  return new Map([...collection, ...check, ...breakerTrialJobs(finra)]);
}

/** Does them when the scheduler asks; what fails is told, and never thrown unless it is a defect of ours. */
export async function openLiveJobs(
  options: LiveJobsOptions,
  handlers: LiveJobs,
): Promise<JobWorker> {
  const { log, clock, telemetry, variables, sources } = options;
  const { simulated } = sources.schedulePage.client;
  return await JobWorker.open({
    ...{ log, clock, group: JOBS_GROUP, source: SHORT_INTEREST_PRODUCER, handlers },
    concurrency: variables.SCHEDULER_JOB_CONCURRENCY,
    alertOf: (job, error) => scheduleAlert(job, error, simulated),
    onEnded: (end) => {
      telemetry.metrics.jobs.ended(end);
      tellEnd(options, end);
    },
    onRefused: (letter) => telemetry.written(SHORT_INTEREST_PRODUCER, [letter], 0),
  });
}

function tellEnd({ teller, printer }: LiveJobsOptions, end: JobRunEnd): void {
  const { job, state, error, retryAt } = end;
  // A deadline, or a kill in the middle of the run before, says nothing about a provider.
  if (state !== "FAILED" || error instanceof JobError) return;
  if (isScheduleError(error)) {
    // Of three attempts within minutes the last one says it all.
    if (retryAt !== null) return;
    const { code, message } = error;
    const line = { type: "schedule", provider: "finra_short", periods: null, code, message };
    printer.line(line, `finra_short: ${message}`);
    return;
  }
  if (!isProviderError(error)) throw error;
  teller.unreachable("finra_short", error.code, `${job}: ${error.message}`);
}
