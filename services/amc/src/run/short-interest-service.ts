import {
  type CollectedOptions,
  OPTIONS_PRODUCER,
  optionsJobs,
  type SecondSource,
} from "@amc/ingest-options/collection/options-jobs";
import { breakerTrialJobs } from "@amc/ingest-short-interest/collection/breaker-trial";
import {
  type CollectedDate,
  finraJobs,
  SHORT_INTEREST_PRODUCER,
} from "@amc/ingest-short-interest/collection/finra-jobs";
import { scheduleAlert, scheduleJobs } from "@amc/ingest-short-interest/collection/schedule-check";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import type { Work } from "@amc/platform/assignment/assigned-work";
import type { Unit } from "@amc/platform/assignment/unit";
import { bytesOf } from "@amc/platform/config/variable-kinds";
import { refuseMixedProviders } from "@amc/platform/http/refuse-mixed";
import { withYahooShare } from "@amc/platform/http/yahoo-share";
import { JobWorker, type JobWorkerOptions } from "@amc/platform/jobs/job-worker";
import { isLogError } from "@amc/platform/log/errors";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import type { JobName } from "@amc/streams/jobs/job-table";
import { Closers } from "../closers.ts";
import { openAlphaVantageOptions } from "../operations/alpha-vantage-options.ts";
import { openFinra, openFinraSchedule } from "../operations/finra-schedule.ts";
import { openYahooOptions } from "../operations/yahoo-options.ts";
import { AssignedService } from "./assigned-service.ts";
import { jobReports } from "./job-reports.ts";
import type { Service, ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

const FINRA_GROUP = "jobs.short-interest" satisfies WorkGroupName;
const OPTIONS_GROUP = "jobs.options" satisfies WorkGroupName;

/**
 * Collects from FINRA, and options from Alpha Vantage and Yahoo, when their jobs are due: of each one instance
 * does, the others stand by and take over.
 */
export async function openShortInterest(context: ServiceContext): Promise<Service> {
  const tries = new UnitTries();
  return new AssignedService({
    ...{ context, work: shortInterestWork(context, tries) },
    units: SHORT_INTEREST_UNITS,
    problems: async () => tries.problems(),
  });
}

/** What its instances divide among them. */
export const SHORT_INTEREST_UNITS: readonly Unit[] = [FINRA_GROUP, OPTIONS_GROUP].map((group) => ({
  group,
  partition: 0,
}));

/** What the work on them needs. */
export type CollectingContext = Pick<
  ServiceContext,
  "variables" | "log" | "logger" | "clock" | "metrics" | "telemetry" | "mocks"
>;

/** The work on each of them, wherever the log is. */
export function shortInterestWork(context: CollectingContext, tries: UnitTries): Work {
  const { logger, metrics } = context;
  return async (unit, signal) => {
    const { group } = unit;
    const collect = group === OPTIONS_GROUP ? collectOptions : collectFromFinra;
    const collectAndClose = async (opened: () => void): Promise<void> => {
      const closers = new Closers();
      try {
        await collect(context, { closers, opened }, signal);
      } finally {
        await closers.close();
      }
    };
    try {
      await tries.run(unit, signal, collectAndClose, ({ error, code }, retryInMs) => {
        metrics.failed(group, code, true);
        logger.error({ err: error, unit: group, retryInMs }, "the collection waits for the log");
      });
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    }
  };
}

/** What every provider is opened with. */
function askingOf({ variables, log, clock, logger, metrics, mocks }: CollectingContext) {
  return { variables, log, clock, logger, metrics: metrics.providerCalls, mocks };
}

/** Of one try: what it opens, and whom it tells that it has. */
interface Trying {
  readonly closers: Closers;
  readonly opened: () => void;
}

/** Until `signal` aborts. Calls of whoever had the jobs before count against the budget. */
async function collectFromFinra(
  context: CollectingContext,
  { closers, opened }: Trying,
  signal: AbortSignal,
): Promise<void> {
  const { variables, log, logger } = context;
  const asking = askingOf(context);
  const access = await openFinra(asking);
  closers.add(() => access.close());
  const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = access.variables;
  const page = await openFinraSchedule(asking, access);
  if (page !== access) closers.add(() => page.close());
  const memoryBytes = bytesOf(variables.SHORT_INTEREST_MEMORY_LIMIT);
  const finra = new Finra({ client: access.client, apiUrl, filesUrl, memoryBytes });
  const onCollected = (collected: CollectedDate): void => {
    const { outcome } = collected;
    if (outcome === "whole" || outcome === "revised") logger.info({ ...collected }, "collected");
    else logger.warn({ ...collected }, "FINRA has not, or not readably, published it yet");
  };
  const onChecked = (periods: number): void => {
    logger.info({ periods }, "FINRA's schedule is that of the calendar");
  };
  const { FINRA_SCHEDULE_CHECK_ENABLED: isEnabled } = variables;
  const { FINRA_SCHEDULE_URL: url } = page.variables;
  const check = { log, client: page.client, url, onChecked, isEnabled };
  const handlers = new Map([
    ...finraJobs({
      ...{ log, finra, onCollected },
      batchSize: variables.SHORT_INTEREST_BATCH_SIZE,
      onBatch: (batch) => logger.info({ ...batch }, "a batch is in the log"),
      updateEveryMinutes: variables.SHORT_INTEREST_UPDATE_FREQUENCY,
    }),
    ...scheduleJobs(check),
    ...breakerTrialJobs(finra),
  ]);
  const { simulated } = page.client;
  const alertOf = (job: JobName, error: unknown) => scheduleAlert(job, error, simulated);
  const work = { group: FINRA_GROUP, source: SHORT_INTEREST_PRODUCER, handlers, alertOf };
  await workOn(context, work, opened, signal);
}

/** As `collectFromFinra`; what Alpha Vantage gives nothing of, all without a key, Yahoo is asked for. */
async function collectOptions(
  context: CollectingContext,
  { closers, opened }: Trying,
  signal: AbortSignal,
): Promise<void> {
  const { log, logger } = context;
  const asking = askingOf(context);
  const first = await openAlphaVantageOptions(asking);
  closers.add(() => first.close());
  const second = await openYahooOptions(sharingYahoo(asking));
  closers.add(() => second.close());
  refuseMixedSources(first.source, second.source);
  const onCollected = (collected: CollectedOptions): void => {
    if (collected.facts > 0) logger.info({ ...collected }, "collected");
    else logger.warn({ ...collected }, "the source has no options that can be used");
  };
  const sources = { provider: first.source, second: second.source };
  const handlers = optionsJobs({ ...sources, log, onCollected });
  const jobs = { group: OPTIONS_GROUP, source: OPTIONS_PRODUCER, handlers };
  await workOn(context, jobs, opened, signal);
}

/** `run live` asks Yahoo as well. */
function sharingYahoo(asking: ReturnType<typeof askingOf>) {
  const { variables, mocks } = asking;
  return {
    ...asking,
    variables: withYahooShare(variables, "options"),
    mocks: mocks && { ...mocks, variables: withYahooShare(mocks.variables, "options") },
  };
}

/** Both answer for one topic: a mock of the one beside the other as it is would fill it with both. */
function refuseMixedSources(
  first: Pick<SecondSource, "simulated"> | null,
  second: Pick<SecondSource, "simulated"> | null,
): void {
  if (first === null || second === null) return;
  refuseMixedProviders(
    new Map([
      ["alpha_vantage", first.simulated],
      ["yahoo", second.simulated],
    ]),
  );
}

async function workOn(
  context: CollectingContext,
  jobs: Pick<JobWorkerOptions, "group" | "source" | "handlers" | "alertOf">,
  opened: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { variables, log, clock } = context;
  const working = {
    ...{ ...jobs, log, clock, concurrency: variables.SCHEDULER_JOB_CONCURRENCY },
    ...jobReports(context, jobs.group),
  };
  const worker = await JobWorker.open(working, signal);
  opened();
  await worker.run(signal);
}
