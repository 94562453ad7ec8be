import type { ProviderClient } from "@amc/platform/http/provider-client";
import { isProviderError, type ProviderErrorCode } from "@amc/platform/http/provider-error";
import type { JobHandler, JobOutcome } from "@amc/platform/jobs/job-runner";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Lease, Log } from "@amc/platform/log/port";
import type { JobName } from "@amc/streams/jobs/job-table";
import { newestOptionsDay } from "../newest-options-day.ts";
import {
  ALPHA_VANTAGE_SOURCE,
  type AlphaVantage,
} from "../providers/alpha-vantage/alpha-vantage.ts";
import { underlyingCloses } from "../underlying-closes.ts";
import { collectedUnderlyings, wantedUnderlyings } from "./wanted-underlyings.ts";

/** Producer of facts and calls, `ce_source` of their records. */
export const OPTIONS_PRODUCER = "/amc/ingest-options";

/** What an evening found about one underlying. */
export interface CollectedOptions {
  readonly symbol: string;
  readonly date: string;
  readonly facts: number;
  /** Codes of what was refused, or of why the question had no answer. */
  readonly codes: readonly string[];
}

export interface OptionsJobsOptions {
  readonly log: Log;
  /** Null where no key was given. */
  readonly provider: AlphaVantage | null;
  readonly client: Pick<ProviderClient, "simulated">;
  /** Told of every underlying that was asked for. */
  readonly onCollected: (collected: CollectedOptions) => void;
}

/** The question has no answer that another underlying's would not have either: nobody else is asked. */
const ENDS_THE_RUN: ReadonlySet<ProviderErrorCode> = new Set([
  "provider.refused",
  "provider.circuit-open",
  "provider.aborted",
]);

/**
 * R-JOB-12: options at the close of the last trading day whose extended hours are over, one call an
 * underlying, the most wanted first, for as long as the budget of the provider lasts; what it did not
 * last for is no failure. What the log has is not asked for again, so another attempt goes on where the
 * one before ended. Throws ProviderError when the provider answers nobody.
 */
export function optionsJobs(options: OptionsJobsOptions): ReadonlyMap<JobName, JobHandler> {
  const { provider } = options;
  const collect: JobHandler = async (atMs, signal, lease) =>
    provider === null
      ? { skipped: "no-api-key" }
      : await collectEvening(options, provider, atMs, { signal, lease });
  return new Map([["alpha_vantage_options_daily", collect]]);
}

interface Under {
  readonly signal: AbortSignal;
  readonly lease: Lease;
}

async function collectEvening(
  { log, client, onCollected }: OptionsJobsOptions,
  provider: AlphaVantage,
  atMs: number,
  { signal, lease }: Under,
): Promise<JobOutcome> {
  const date = newestOptionsDay(atMs);
  const { simulated } = client;
  const known = await collectedUnderlyings(log, { source: ALPHA_VANTAGE_SOURCE, simulated }, date);
  const symbols = (await wantedUnderlyings(log, atMs)).filter((symbol) => !known.has(symbol));
  const closes = await underlyingCloses(log, symbols, date, simulated);
  const counts = { processed: 0, successful: 0, failed: 0 };
  const ask = async (symbol: string): Promise<CollectedOptions> => {
    const underlyingClose = closes.get(symbol) ?? null;
    const collected = await provider.optionsAtClose({ symbol, date, underlyingClose }, signal);
    const { facts, refused } = collected;
    await appendNewFacts(log, facts, OPTIONS_PRODUCER, { lease });
    const codes = [...new Set(refused.map(({ code }) => code))];
    return { symbol, date, facts: facts.length, codes };
  };
  for (const symbol of symbols) {
    signal.throwIfAborted();
    const collected = await askedOrWhy(ask, symbol, date);
    if (collected === null) break;
    counts.processed += 1;
    counts[collected.facts > 0 ? "successful" : "failed"] += 1;
    onCollected(collected);
  }
  return counts;
}

/** Null when nothing is left of the budget. */
async function askedOrWhy(
  ask: (symbol: string) => Promise<CollectedOptions>,
  symbol: string,
  date: string,
): Promise<CollectedOptions | null> {
  try {
    return await ask(symbol);
  } catch (error) {
    if (!isProviderError(error) || ENDS_THE_RUN.has(error.code)) throw error;
    if (error.code === "provider.budget-spent") return null;
    return { symbol, date, facts: 0, codes: [error.code] };
  }
}
