import { sessionBoundsAt } from "../market/sessions.ts";
import { isStale, type StalenessLimits } from "../market/shelf-life.ts";

/** What the tables say about data and providers at an instant. */
export interface DataStanding {
  /** End of the newest price of any symbol, UTC ms; null where there is none. */
  readonly newestPriceAt: number | null;
  /** Providers that were asked within the hour before, or whose breaker is open. */
  readonly providers: readonly ProviderCalls[];
}

export interface ProviderCalls {
  readonly provider: string;
  readonly calls: number;
  readonly successes: number;
  readonly isBreakerOpen: boolean;
}

export const DATA_PROBLEM_KINDS = ["prices-stale", "provider-unreachable"] as const;

/** Something that somebody should hear about. */
export interface DataProblem {
  readonly kind: (typeof DATA_PROBLEM_KINDS)[number];
  readonly detail: string;
}

/**
 * What is wrong with the data at an instant of the regular session, UTC ms (R-JOB-17). One symbol without a
 * trade is thin trade: that no symbol has a price of late is a feed that stands still. What was before the
 * open says nothing about the session. A provider that answered none of its calls within the hour, or whose
 * breaker is open, is not there; one that nobody asked is nobody's problem.
 */
export function dataProblems(
  standing: DataStanding,
  atMs: number,
  limits: StalenessLimits,
): readonly DataProblem[] {
  const unreachable = standing.providers.flatMap(problemOf);
  return [...stalePrices(standing.newestPriceAt, atMs, limits), ...unreachable];
}

function stalePrices(
  newestPriceAt: number | null,
  atMs: number,
  limits: StalenessLimits,
): readonly DataProblem[] {
  const bounds = sessionBoundsAt(atMs);
  if (newestPriceAt === null || bounds === null) return [];
  const sinceMs = Math.max(newestPriceAt, bounds.openMs);
  if (!isStale("sessionTicks", { happenedAt: sinceMs, publishedAt: sinceMs }, atMs, limits))
    return [];
  const minutes = Math.floor((atMs - newestPriceAt) / 60_000);
  return [{ kind: "prices-stale", detail: `the newest price of any symbol is ${minutes} min old` }];
}

function problemOf({ provider, calls, successes, isBreakerOpen }: ProviderCalls): DataProblem[] {
  const isMute = calls > 0 && successes === 0;
  if (!isMute && !isBreakerOpen) return [];
  const breaker = isBreakerOpen ? ", its breaker is open" : "";
  const detail = `${provider} answered ${successes} of ${calls} calls within the hour${breaker}`;
  return [{ kind: "provider-unreachable", detail }];
}
