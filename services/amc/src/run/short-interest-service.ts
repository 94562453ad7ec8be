import {
  type CollectedOptions,
  OPTIONS_PRODUCER,
  optionsJobs,
  type SecondSource,
} from "@amc/ingest-options/collection/options-jobs";
import { AlphaVantage } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { breakerTrialJobs } from "@amc/ingest-short-interest/collection/breaker-trial";
import {
  type CollectedDate,
  finraJobs,
  SHORT_INTEREST_PRODUCER,
} from "@amc/ingest-short-interest/collection/finra-jobs";
import { scheduleJobs } from "@amc/ingest-short-interest/collection/schedule-check";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import type { Work } from "@amc/platform/assignment/assigned-work";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { refuseMixedProviders } from "@amc/platform/http/refuse-mixed";
import { JobWorker, type JobWorkerOptions } from "@amc/platform/jobs/job-worker";
import { isLogError } from "@amc/platform/log/errors";
import { errorCode } from "@amc/platform/postgres/errors";
import { retryTransient } from "@amc/platform/runtime/retry-transient";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import { accessProvider, type ProviderAccess } from "../operations/provider-access.ts";
import { openYahooOptions } from "../operations/yahoo-options.ts";
import { AssignedService } from "./assigned-service.ts";
import { jobReports } from "./job-reports.ts";
import type { Service, ServiceContext } from "./service.ts";

const FINRA_GROUP = "jobs.short-interest" satisfies WorkGroupName;
const OPTIONS_GROUP = "jobs.options" satisfies WorkGroupName;

/**
 * Collects from FINRA, and options from Alpha Vantage and Yahoo, when their jobs are due: of each one instance
 * does, the others stand by and take over.
 */
export async function openShortInterest(context: ServiceContext): Promise<Service> {
  const { logger, metrics } = context;
  const work: Work = async ({ group }, signal) => {
    const collect = group === OPTIONS_GROUP ? collectOptions : collectFromFinra;
    try {
      await retryTransient(
        signal,
        () => collect(context, signal),
        (error, retryInMs) => {
          metrics.failed(group, errorCode(error) ?? "unknown", true);
          logger.error({ err: error, unit: group, retryInMs }, "the collection waits for the log");
        },
      );
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    }
  };
  return new AssignedService({
    ...{ context, work },
    units: [FINRA_GROUP, OPTIONS_GROUP].map((group) => ({ group, partition: 0 })),
    problems: async () => [],
  });
}

/** Until `signal` aborts. Calls of whoever had the jobs before count against the budget. */
async function collectFromFinra(context: ServiceContext, signal: AbortSignal): Promise<void> {
  const { variables, log, logger, clock, metrics } = context;
  const opened = await accessProvider({
    ...{ provider: "finra_short", variables, log, clock, source: SHORT_INTEREST_PRODUCER },
    ...{ logger, metrics: metrics.providerCalls },
    baseUrls: (all) => [all.FINRA_API_BASE_URL, all.FINRA_CDN_BASE_URL, all.FINRA_SCHEDULE_URL],
  });
  const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = opened.variables;
  const page = await openSchedule(context, opened);
  try {
    const finra = new Finra({ client: opened.client, apiUrl, filesUrl });
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
    await workOn(
      context,
      { group: FINRA_GROUP, source: SHORT_INTEREST_PRODUCER, handlers },
      signal,
    );
  } finally {
    if (page !== opened) await page.close();
    await opened.close();
  }
}

/** Whoever has FINRA's page of reporting dates: FINRA, its mock, or a mock of the page alone. */
async function openSchedule(
  { variables, log, clock, logger, metrics }: ServiceContext,
  finra: ProviderAccess,
): Promise<ProviderAccess> {
  if (!variables.FINRA_SCHEDULE_MOCK || finra.client.simulated) return finra;
  return await accessProvider({
    ...{ provider: "finra_short", variables, log, clock, source: SHORT_INTEREST_PRODUCER },
    // A page states no fact: real ones may be in the log.
    ...{ logger, metrics: metrics.providerCalls, isAboutSchedule: true, states: [] },
    baseUrls: ({ FINRA_SCHEDULE_URL: url }) => [url],
  });
}

/** As `collectFromFinra`; what Alpha Vantage gives nothing of, all without a key, Yahoo is asked for. */
async function collectOptions(context: ServiceContext, signal: AbortSignal): Promise<void> {
  const { variables, log, logger, clock, metrics } = context;
  const opened = await accessProvider({
    ...{ provider: "alpha_vantage", variables, log, clock, source: OPTIONS_PRODUCER },
    ...{ logger, metrics: metrics.providerCalls },
    baseUrls: ({ ALPHA_VANTAGE_BASE_URL: url }) => [url],
  });
  const second = await openYahooOptions({
    ...{ variables, log, clock, logger, metrics: metrics.providerCalls },
  });
  const { ALPHA_VANTAGE_BASE_URL: baseUrl, ALPHA_VANTAGE_API_KEY: apiKey } = opened.variables;
  try {
    const { client } = opened;
    refuseMixedSources(client, second.source, apiKey);
    const provider = apiKey === undefined ? null : new AlphaVantage({ client, baseUrl, apiKey });
    const onCollected = (collected: CollectedOptions): void => {
      if (collected.facts > 0) logger.info({ ...collected }, "collected");
      else logger.warn({ ...collected }, "the source has no options that can be used");
    };
    const handlers = optionsJobs({
      ...{ log, provider, client, onCollected },
      second: second.source,
    });
    await workOn(context, { group: OPTIONS_GROUP, source: OPTIONS_PRODUCER, handlers }, signal);
  } finally {
    await second.close();
    await opened.close();
  }
}

/** Both answer for one topic: a mock of the one beside the other as it is would fill it with both. */
function refuseMixedSources(
  first: Pick<ProviderClient, "simulated">,
  second: Pick<SecondSource, "simulated"> | null,
  apiKey: string | undefined,
): void {
  if (second === null || apiKey === undefined) return;
  refuseMixedProviders(
    new Map([
      ["alpha_vantage", first.simulated],
      ["yahoo", second.simulated],
    ]),
  );
}

async function workOn(
  context: ServiceContext,
  jobs: Pick<JobWorkerOptions, "group" | "source" | "handlers">,
  signal: AbortSignal,
): Promise<void> {
  const { variables, log, clock } = context;
  const worker = await JobWorker.open({
    ...{ ...jobs, log, clock, concurrency: variables.SCHEDULER_JOB_CONCURRENCY },
    ...jobReports(context, jobs.group),
  });
  await worker.run(signal);
}
