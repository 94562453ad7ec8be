import {
  type CollectedDate,
  finraJobs,
  SHORT_INTEREST_PRODUCER,
} from "@amc/ingest-short-interest/collection/finra-jobs";
import { scheduleJobs } from "@amc/ingest-short-interest/collection/schedule-check";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import type { Work } from "@amc/platform/assignment/assigned-work";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { isLogError } from "@amc/platform/log/errors";
import { errorCode } from "@amc/platform/postgres/errors";
import { retryTransient } from "@amc/platform/runtime/retry-transient";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import { accessProvider } from "../operations/provider-access.ts";
import { AssignedService } from "./assigned-service.ts";
import { jobReports } from "./job-reports.ts";
import type { Service, ServiceContext } from "./service.ts";

const GROUP = "jobs.short-interest" satisfies WorkGroupName;

/** Collects from FINRA when its jobs are due: one instance does, the others stand by and take over. */
export async function openShortInterest(context: ServiceContext): Promise<Service> {
  const { logger, metrics } = context;
  const work: Work = async (_unit, signal) => {
    try {
      await retryTransient(
        signal,
        () => collect(context, signal),
        (error, retryInMs) => {
          metrics.failed(GROUP, errorCode(error) ?? "unknown", true);
          logger.error({ err: error, retryInMs }, "the collection waits for the log");
        },
      );
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    }
  };
  return new AssignedService({
    ...{ context, work, units: [{ group: GROUP, partition: 0 }] },
    problems: async () => [],
  });
}

/** Until `signal` aborts. Calls of whoever had the jobs before count against the budget. */
async function collect(context: ServiceContext, signal: AbortSignal): Promise<void> {
  const { variables, log, logger, clock, metrics } = context;
  const opened = await accessProvider({
    ...{ provider: "finra_short", variables, log, clock, source: SHORT_INTEREST_PRODUCER },
    ...{ logger, metrics: metrics.providerCalls },
    baseUrls: (all) => [all.FINRA_API_BASE_URL, all.FINRA_CDN_BASE_URL, all.FINRA_SCHEDULE_URL],
  });
  const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = opened.variables;
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
    const { FINRA_SCHEDULE_URL: url, FINRA_SCHEDULE_CHECK_ENABLED: isWanted } = variables;
    // The mock has no such page, and the real one is not asked by a system of made-up data.
    const isEnabled = isWanted && !opened.client.simulated;
    const check = { client: opened.client, url, onChecked, isEnabled };
    const handlers = new Map([...finraJobs({ log, finra, onCollected }), ...scheduleJobs(check)]);
    const worker = await JobWorker.open({
      ...{ log, group: GROUP, handlers },
      ...jobReports(context, GROUP),
    });
    await worker.run(signal);
  } finally {
    await opened.close();
  }
}
