import type { Collected } from "@amc/platform/http/collected";
import {
  isProviderError,
  ProviderError,
  type ProviderErrorCode,
} from "@amc/platform/http/provider-error";
import type { JobHandler, JobOutcome } from "@amc/platform/jobs/job-runner";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Lease, Log } from "@amc/platform/log/port";
import type { JobName } from "@amc/streams/jobs/job-table";
import { newestClosedDay, newestOptionsDay } from "../newest-options-day.ts";
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
  /** Who was asked. */
  readonly source: string;
  readonly symbol: string;
  /** Trading day at whose close the options are. */
  readonly date: string;
  readonly facts: number;
  /** Codes of what was refused, or of why the question had no answer. */
  readonly codes: readonly string[];
}

/** Who is asked about what the first source gave nothing of. */
export interface SecondSource {
  /** As its facts have it. */
  readonly source: string;
  /** A mock answers in its name. */
  readonly simulated: boolean;
  /** Options at the close of the last session, or as they are quoted now. Throws ProviderError. */
  readonly options: (symbol: string, signal: AbortSignal) => Promise<Collected>;
}

export interface OptionsJobsOptions {
  readonly log: Log;
  /** Null where no key was given. */
  readonly provider: AlphaVantage | null;
  /** Null where it is not to be asked. */
  readonly second: SecondSource | null;
  /** Told of every underlying that was asked for. */
  readonly onCollected: (collected: CollectedOptions) => void;
}

/** The question has no answer that another underlying's would not have either: nobody else is asked. */
const ENDS_THE_RUN: ReadonlySet<ProviderErrorCode> = new Set([
  "provider.refused",
  "provider.circuit-open",
  "provider.aborted",
]);

/** About the underlying that was asked for, where others are answered; of all alike it is about us. */
const KNOWS_NOTHING_OF_IT: ReadonlySet<ProviderErrorCode> = new Set([
  "provider.not-found",
  "provider.bad-request",
]);

/**
 * R-JOB-12: options of what is wanted, one call an underlying, the most wanted first: from Alpha Vantage
 * at the close of the last trading day whose extended hours are over, for as long as its budget lasts,
 * then from the second source at the close of the last session, whatever the first gave nothing of: all,
 * without a key. What the log has is not asked for again, so another attempt goes on where the one before
 * ended. Throws ProviderError when a provider answers nobody, the first only after the second was asked, and
 * when no question of the run was answered and the log has nothing of that evening either; what some have no
 * answer of is counted, and no failure of the run.
 */
export function optionsJobs(options: OptionsJobsOptions): ReadonlyMap<JobName, JobHandler> {
  const { provider, second } = options;
  const collect: JobHandler = async (atMs, signal, lease) =>
    provider === null && second === null
      ? { skipped: "no-api-key" }
      : await collectEvening(options, atMs, { signal, lease });
  return new Map([["alpha_vantage_options_daily", collect]]);
}

/** What a run has come to so far. */
interface Tally {
  readonly counts: { processed: number; successful: number; failed: number };
  /** Who was asked about. */
  readonly symbols: Set<string>;
  /** A question was answered, be it with nothing, or had been before: the log has what it was about. */
  isAnswered: boolean;
  /** A source said that it knows nothing of what it was asked about. */
  isUnknown: boolean;
  /** Why the first question without an answer has none. */
  unanswered: ProviderError | null;
}

interface Under {
  readonly signal: AbortSignal;
  readonly lease: Lease;
}

/** One source on one evening. */
interface Evening {
  readonly source: string;
  readonly simulated: boolean;
  readonly date: string;
  readonly ask: (symbol: string) => Promise<Collected>;
}

async function collectEvening(
  options: OptionsJobsOptions,
  atMs: number,
  under: Under,
): Promise<JobOutcome> {
  const { provider, second, log } = options;
  const { signal } = under;
  const counts = { processed: 0, successful: 0, failed: 0 };
  const tally: Tally = {
    ...{ counts, symbols: new Set() },
    ...{ isAnswered: false, isUnknown: false, unanswered: null },
  };
  const wanted = await wantedUnderlyings(log, atMs);
  let left = wanted;
  let failure: ProviderError | null = null;
  if (provider !== null) {
    const first = await firstSource(log, provider, wanted, atMs, signal);
    const collected = await collect(options, first, wanted, tally, under);
    left = collected.left;
    failure = collected.failure;
  }
  if (second !== null && failure?.code !== "provider.aborted") {
    const { source, simulated } = second;
    const ask = (symbol: string) => second.options(symbol, signal);
    const evening = { source, simulated, date: newestClosedDay(atMs), ask };
    const collected = await collect(options, evening, left, tally, under);
    failure ??= collected.failure;
  }
  if (!isAnswered(tally)) failure ??= tally.unanswered;
  if (failure !== null) throw failure;
  return counts;
}

/** Who knows nothing of one share may be right; who knows none of several is asked at the wrong place. */
function isAnswered({ isAnswered, isUnknown, symbols }: Tally): boolean {
  return isAnswered || (isUnknown && symbols.size === 1);
}

async function firstSource(
  log: Log,
  provider: AlphaVantage,
  symbols: readonly string[],
  atMs: number,
  signal: AbortSignal,
): Promise<Evening> {
  const date = newestOptionsDay(atMs);
  const { simulated } = provider;
  const closes = await underlyingCloses(log, symbols, date, simulated);
  const ask = (symbol: string) => {
    const underlyingClose = closes.get(symbol) ?? null;
    return provider.optionsAtClose({ symbol, date, underlyingClose }, signal);
  };
  return { source: ALPHA_VANTAGE_SOURCE, simulated, date, ask };
}

/** Asks about each symbol that the log has nothing of yet, and says of which it still has nothing. */
async function collect(
  { log, onCollected }: OptionsJobsOptions,
  { source, simulated, date, ask }: Evening,
  symbols: readonly string[],
  tally: Tally,
  { signal, lease }: Under,
): Promise<{ readonly left: readonly string[]; readonly failure: ProviderError | null }> {
  const known = await collectedUnderlyings(log, { source, simulated }, date);
  const wanted = symbols.filter((symbol) => !known.has(symbol));
  const given = new Set<string>();
  const append = async (symbol: string): Promise<CollectedOptions> => {
    const { facts, refused } = await ask(symbol);
    await appendNewFacts(log, facts, OPTIONS_PRODUCER, { lease });
    const codes = [...new Set(refused.map(({ code }) => code))];
    return { source, symbol, date, facts: facts.length, codes };
  };
  const { counts } = tally;
  // On a Sunday all that Saturday had an answer to is left out: what is asked then are the hopeless ones.
  tally.isAnswered ||= wanted.length < symbols.length;
  const left = () => wanted.filter((symbol) => !given.has(symbol));
  for (const symbol of wanted) {
    signal.throwIfAborted();
    tally.symbols.add(symbol);
    const asked = await collectedOrWhy(append, symbol);
    if (asked instanceof ProviderError) {
      const { code } = asked;
      if (ENDS_THE_RUN.has(code)) return { left: left(), failure: asked };
      if (code === "provider.budget-spent") break;
      tally.isUnknown ||= KNOWS_NOTHING_OF_IT.has(code);
      tally.unanswered ??= asked;
      onCollected(counted(counts, { source, symbol, date, facts: 0, codes: [code] }));
      continue;
    }
    tally.isAnswered = true;
    if (asked.facts > 0) given.add(symbol);
    onCollected(counted(counts, asked));
  }
  return { left: left(), failure: null };
}

function counted(counts: Tally["counts"], collected: CollectedOptions): CollectedOptions {
  counts.processed += 1;
  counts[collected.facts > 0 ? "successful" : "failed"] += 1;
  return collected;
}

async function collectedOrWhy(
  append: (symbol: string) => Promise<CollectedOptions>,
  symbol: string,
): Promise<CollectedOptions | ProviderError> {
  try {
    return await append(symbol);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return error;
  }
}
