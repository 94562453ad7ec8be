import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import { liveSinceMs } from "@amc/platform/runtime/newest-tick";
import { dataStanding, judgedFigures, newestFeatures } from "@amc/projector/data-standing";
import { volatilityRun } from "@amc/streams/features/volatility-run";
import { dataProblems } from "@amc/streams/jobs/data-health";
import type { JobName } from "@amc/streams/jobs/job-table";
import { isoUtc } from "@amc/streams/market/event-time";
import { qualityRun } from "@amc/streams/short-interest/quality-run";
import type { Pool } from "pg";
import type { ServiceContext } from "./service.ts";

export const QUALITY_JOB_NAMES = [
  "validate-data-quality",
  "data_quality_health_check",
  "iv_percentile_calculation",
] as const satisfies readonly JobName[];

type Told = Pick<ServiceContext, "log" | "logger" | "metrics" | "variables">;

/** The jobs that look at what the tables hold, and change none of it. */
export function qualityJobs(
  { log, logger, metrics, variables }: Told,
  pool: Pool,
): ReadonlyMap<JobName, JobHandler> {
  /** R-JOB-09: the newest figure of every symbol. What does not hold is counted, and no failure of the run. */
  const validate: JobHandler = async (atMs, signal) => {
    if (!variables.ENABLE_SHORT_INTEREST_VALIDATION) return { skipped: "switched-off" };
    const figures = await judgedFigures(pool, atMs);
    signal.throwIfAborted();
    metrics.jobs.qualities(figures.map(({ overall }) => overall));
    const run = qualityRun(figures, variables.SHORT_INTEREST_QUALITY_THRESHOLD, atMs);
    const { processed, failed } = run;
    const told = { asOf: isoUtc(atMs), processed, failed };
    if (failed === 0) logger.info(told, "short interest holds");
    else logger.warn(told, "short interest of some symbols is of low quality or too old");
    return run;
  };
  /**
   * R-JOB-17: a look at prices and providers. What it finds is a line and a count each, over which an alert
   * stands; the look itself has gone well. It counts the feed of prices, and providers.
   */
  const look: JobHandler = async (atMs, signal) => {
    if ((await liveSinceMs(log)) === null) return { skipped: "nothing-live" };
    const standing = await dataStanding(pool, atMs);
    signal.throwIfAborted();
    const problems = dataProblems(standing, atMs, stalenessLimits(variables));
    for (const { kind, detail } of problems) {
      metrics.jobs.dataProblem(kind);
      logger.warn({ asOf: isoUtc(atMs), kind, detail }, "the data is not as it should be");
    }
    const looked = standing.providers.length + (standing.newestPriceAt === null ? 0 : 1);
    const { length: failed } = problems;
    return { processed: looked, successful: looked - failed, failed };
  };
  /** R-JOB-13: which symbols have a percentile; features compute each as its snapshot comes. */
  const rankVolatilities: JobHandler = async (atMs, signal) => {
    const { reasons, ...counts } = volatilityRun(await newestFeatures(pool, atMs));
    signal.throwIfAborted();
    const { processed, successful } = counts;
    const told = {
      asOf: isoUtc(atMs),
      processed,
      successful,
      without: Object.fromEntries(reasons),
    };
    logger.info(told, "percentiles of implied volatility are counted");
    return counts;
  };
  const handlers: Readonly<Record<(typeof QUALITY_JOB_NAMES)[number], JobHandler>> = {
    "validate-data-quality": validate,
    data_quality_health_check: look,
    iv_percentile_calculation: rankVolatilities,
  };
  return new Map(QUALITY_JOB_NAMES.map((job) => [job, handlers[job]]));
}
