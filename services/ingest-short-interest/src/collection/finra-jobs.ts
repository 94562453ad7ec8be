import type { Collected } from "@amc/platform/http/collected";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { JobHandler } from "@amc/platform/jobs/job-runner";
import { JobTurns } from "@amc/platform/jobs/job-turns";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Lease, Log } from "@amc/platform/log/port";
import type { JobName } from "@amc/streams/jobs/job-table";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import {
  dueSettlements,
  dueShortVolumeDays,
  revisableSettlements,
} from "@amc/streams/short-interest/due-collections";
import type { ScheduleInForce } from "@amc/streams/short-interest/schedule-in-force";
import type { Finra } from "../providers/finra/finra.ts";
import {
  collectedChange,
  collectedDates,
  type FinraDataset,
  newestCollected,
} from "./collected-dates.ts";
import { withoutKnownVintages } from "./new-vintages.ts";
import { scheduleInForce } from "./schedule-by-hand.ts";

/** Producer of facts and calls, `ce_source` of their records. */
export const SHORT_INTEREST_PRODUCER = "/amc/ingest-short-interest";

/** The jobs that collect from FINRA. Any of those of short interest makes up for one that failed. */
const FINRA_JOB_NAMES = [
  "short_interest_check",
  "collect-short-interest-data",
  "finra_weekly_short_interest",
  "finra_daily_short_volume",
] as const satisfies readonly JobName[];

/** What a run found about one date. */
export interface CollectedDate {
  readonly dataset: FinraDataset;
  readonly date: string;
  readonly facts: number;
  readonly refused: number;
  /**
   * `early`: FINRA has nothing yet; `partly`: rows that should have been readable were not. Both are asked
   * for again by the next run, unless a later date is whole by then. `revised`: a date collected before,
   * of which `facts` are the vintages that are new.
   */
  readonly outcome: "whole" | "partly" | "early" | "revised";
}

/** A lot of facts about one date that is in the log (R-ING-20). */
export interface AppendedBatch {
  readonly dataset: FinraDataset;
  readonly date: string;
  /** From 1. */
  readonly batch: number;
  readonly facts: number;
}

export interface FinraJobsOptions {
  readonly log: Log;
  readonly finra: Finra;
  /** `SHORT_INTEREST_BATCH_SIZE`: of a date's reports so many symbols are one commit and are told as one. */
  readonly batchSize: number;
  readonly onBatch: (batch: AppendedBatch) => void;
  /** `SHORT_INTEREST_UPDATE_FREQUENCY` */
  readonly updateEveryMinutes: number;
  /** Told of every date that was asked for and answered. */
  readonly onCollected: (collected: CollectedDate) => void;
}

/**
 * Collects what is public, by the schedule that people had decided by the instant of the run, and was not
 * collected yet. A date counts as collected in a commit after its
 * facts: killed in between it is asked for again, and what the log has of it already is left out, but
 * revised rows that say something new, which are public from their capture on. The weekly job asks again for the
 * newest dates that are collected, because FINRA revises them. Asked for but not there yet is no failure; the
 * next run asks again. A run counts rows: those that became facts, and those that were refused. Handlers throw
 * ProviderError.
 */
export function finraJobs(options: FinraJobsOptions): ReadonlyMap<JobName, JobHandler> {
  const { finra } = options;
  // Jobs of one data set ask for the same dates: the second finds what the first has collected.
  const turns = new JobTurns(1);
  const interest = collector(options, {
    dataset: "short interest",
    turns,
    due: dueSettlements,
    collect: (date, signal, schedule) => finra.shortInterest(date, signal, schedule),
  });
  // The check is asked for at 00:00 and 12:00; who wants it once a day has that of midnight.
  const check: JobHandler = async (atMs, signal, lease) => {
    const isMidnight = newYorkToUtc(newYorkDateOf(atMs), "00:00") === atMs;
    const isDue = isMidnight || options.updateEveryMinutes * MINUTE_MS < DAY_MS;
    return isDue ? await interest(atMs, signal, lease) : { skipped: "once-a-day" };
  };
  const weekly: JobHandler = async (atMs, signal, lease) => {
    const collected = await interest(atMs, signal, lease);
    return added(collected, await turns.take(() => collectRevisions(options, atMs, signal, lease)));
  };
  const volume = collector(options, {
    dataset: "short volume",
    turns: new JobTurns(1),
    due: dueShortVolumeDays,
    collect: (date, signal) => shortVolume(finra, date, signal),
  });
  const handlers: Readonly<Record<(typeof FINRA_JOB_NAMES)[number], JobHandler>> = {
    short_interest_check: check,
    "collect-short-interest-data": interest,
    finra_weekly_short_interest: weekly,
    finra_daily_short_volume: volume,
  };
  return new Map(FINRA_JOB_NAMES.map((job) => [job, handlers[job]]));
}

async function collectRevisions(
  { log, finra, onCollected }: FinraJobsOptions,
  atMs: number,
  signal: AbortSignal,
  lease: Lease,
): Promise<Counts> {
  const counts: Counts = { processed: 0, successful: 0, failed: 0 };
  const dataset = "short interest";
  const collected = newestCollected(await collectedDates(log, lease), dataset, finra.simulated);
  if (collected === null) return counts;
  const schedule = await scheduleInForce(log, atMs);
  for (const date of revisableSettlements(collected, atMs, schedule)) {
    const { facts, refused } = await finra.shortInterest(date, signal, schedule);
    count(counts, { facts, refused });
    const vintages = await withoutKnownVintages(log, facts);
    const { appended } = await appendNewFacts(log, vintages, SHORT_INTEREST_PRODUCER, { lease });
    if (appended === 0) continue;
    onCollected({ dataset, date, facts: appended, refused: refused.length, outcome: "revised" });
  }
  return counts;
}

interface Counts {
  processed: number;
  successful: number;
  failed: number;
}

function count(counts: Counts, { facts, refused }: Collected): void {
  counts.processed += facts.length + refused.length;
  counts.successful += facts.length;
  counts.failed += refused.length;
}

function added(one: Counts, other: Counts): Counts {
  return {
    processed: one.processed + other.processed,
    successful: one.successful + other.successful,
    failed: one.failed + other.failed,
  };
}

interface Collecting {
  readonly dataset: FinraDataset;
  readonly turns: JobTurns;
  readonly due: (
    collected: string | null,
    atMs: number,
    schedule: ScheduleInForce,
  ) => readonly string[];
  readonly collect: (
    date: string,
    signal: AbortSignal,
    schedule: ScheduleInForce,
  ) => Promise<Collected>;
}

function collector(
  { log, finra, onCollected, batchSize, onBatch }: FinraJobsOptions,
  { dataset, turns, due, collect }: Collecting,
): (...run: Parameters<JobHandler>) => Promise<Counts> {
  return (atMs, signal, lease) => turns.take(() => collectDue(atMs, signal, lease));

  async function collectDue(atMs: number, signal: AbortSignal, lease: Lease): Promise<Counts> {
    const counts: Counts = { processed: 0, successful: 0, failed: 0 };
    const { simulated } = finra;
    const collected = newestCollected(await collectedDates(log, lease), dataset, simulated);
    const schedule = await scheduleInForce(log, atMs);
    for (const date of due(collected, atMs, schedule)) {
      signal.throwIfAborted();
      const { facts, refused } = await collect(date, signal, schedule);
      const vintages = await withoutKnownVintages(log, facts);
      let batch = 0;
      const onAppended = (appended: number): void => {
        batch += 1;
        onBatch({ dataset, date, batch, facts: appended });
      };
      const batches = { size: batchSize, onAppended };
      await appendNewFacts(log, vintages, SHORT_INTEREST_PRODUCER, { lease, batches });
      const outcome = outcomeOf({ facts, refused });
      count(counts, { facts, refused });
      onCollected({ dataset, date, facts: facts.length, refused: refused.length, outcome });
      // A later date that is whole shows that what an earlier one lacks will not come.
      if (outcome !== "whole") continue;
      const state = [collectedChange(dataset, date, simulated)];
      await log.commit({ appends: [], lease, state });
    }
    return counts;
  }
}

/** Symbols that are none of ours, such as those of warrants, are refused on every day. */
function outcomeOf({ facts, refused }: Collected): CollectedDate["outcome"] {
  if (facts.length === 0 && refused.length === 0) return "early";
  return refused.every(({ code }) => code === "finra.symbol") ? "whole" : "partly";
}

/**
 * From the file of the day, whose rows are sums over the facilities. The query API has a row for each
 * facility and does not say when it has them all, so a file that is missing means: not yet.
 */
async function shortVolume(finra: Finra, date: string, signal: AbortSignal): Promise<Collected> {
  try {
    return await finra.shortVolumeFile(date, signal);
  } catch (error) {
    const isMissing =
      isProviderError(error, "provider.not-found") || isProviderError(error, "provider.refused");
    if (!isMissing) throw error;
    return { facts: [], refused: [] };
  }
}
