import type { Collected } from "@amc/platform/http/collected";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { JobHandler } from "@amc/platform/jobs/job-worker";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Log } from "@amc/platform/log/port";
import type { JobName } from "@amc/streams/jobs/job-table";
import { dueSettlements, dueShortVolumeDays } from "@amc/streams/short-interest/due-collections";
import type { Finra } from "../providers/finra/finra.ts";
import { collectedChange, collectedDates, type FinraDataset } from "./collected-dates.ts";

/** Producer of facts and calls, `ce_source` of their records. */
export const SHORT_INTEREST_PRODUCER = "/amc/ingest-short-interest";

/** The jobs that collect from FINRA. Any of those of short interest makes up for one that failed. */
const FINRA_JOB_NAMES = [
  "short_interest_check",
  "collect-short-interest-data",
  "finra_weekly_short_interest",
  "finra_daily_short_volume",
] as const satisfies readonly JobName[];

/** What a run found about one date. Nothing at all means that FINRA has not published it yet. */
export interface CollectedDate {
  readonly dataset: FinraDataset;
  readonly date: string;
  readonly facts: number;
  readonly refused: number;
}

export interface FinraJobsOptions {
  readonly log: Log;
  readonly finra: Finra;
  /** Told of every date that was asked for and answered. */
  readonly onCollected: (collected: CollectedDate) => void;
}

/**
 * Collects what is public and was not collected yet. A date counts as collected in a commit after its
 * facts: killed in between it is asked for again, and what the log has of it already is left out. Asked for but not
 * there yet is no failure; the next run asks again. Handlers throw ProviderError.
 */
export function finraJobs(options: FinraJobsOptions): ReadonlyMap<string, JobHandler> {
  const { finra } = options;
  const interest = collector(options, {
    dataset: "short interest",
    due: dueSettlements,
    collect: (date, signal) => finra.shortInterest(date, signal),
  });
  const volume = collector(options, {
    dataset: "short volume",
    due: dueShortVolumeDays,
    collect: (date, signal) => shortVolume(finra, date, signal),
  });
  return new Map(
    FINRA_JOB_NAMES.map((job) => [job, job === "finra_daily_short_volume" ? volume : interest]),
  );
}

interface Collecting {
  readonly dataset: FinraDataset;
  readonly due: (collected: string | null, atMs: number) => readonly string[];
  readonly collect: (date: string, signal: AbortSignal) => Promise<Collected>;
}

function collector(
  { log, onCollected }: FinraJobsOptions,
  { dataset, due, collect }: Collecting,
): JobHandler {
  return async (atMs, signal, lease) => {
    const collected = (await collectedDates(log, lease)).get(dataset) ?? null;
    for (const date of due(collected, atMs)) {
      const { facts, refused } = await collect(date, signal);
      await appendNewFacts(log, facts, SHORT_INTEREST_PRODUCER);
      onCollected({ dataset, date, facts: facts.length, refused: refused.length });
      // A later date that is there shows that an earlier one without figures will not come.
      if (facts.length === 0) continue;
      await log.commit({ appends: [], lease, state: [collectedChange(dataset, date)] });
    }
  };
}

/** From the file of the day, which is one call; before it is posted, and where there is none, by rows. */
async function shortVolume(finra: Finra, date: string, signal: AbortSignal): Promise<Collected> {
  try {
    return await finra.shortVolumeFile(date, signal);
  } catch (error) {
    const isMissing =
      isProviderError(error, "provider.not-found") || isProviderError(error, "provider.refused");
    if (!isMissing) throw error;
    return await finra.shortVolume(date, signal);
  }
}
