import type { Run } from "@amc/schemas/generated/events";
import { isoUtc } from "../../market/event-time.ts";
import type { CacheChange } from "../change.ts";
import type { Json } from "../columns.ts";

/** Keys that existed before this system and keep their meaning (R-RDS-07, C-01). */
export const CONTENDERS_KEY = "amc:discovery:contenders.latest";
export const EXPLAIN_KEY = "amc:discovery:explain.latest";
export const STATUS_KEY = "amc:discovery:status";

export interface DiscoveryCacheSettings {
  /** `REDIS_DISCOVERY_KEY_PREFIX`; the preserved keys stay outside it. */
  readonly keyPrefix: string;
  /** `CACHE_TTL_DISCOVERY_SECONDS`. The preserved keys state no lifetime and share it. */
  readonly ttlSeconds: number;
}

/** R-RDS-08: 900 s, one slot. */
export const DEFAULT_DISCOVERY_CACHE: DiscoveryCacheSettings = {
  keyPrefix: "amc:discovery:unified",
  ttlSeconds: 900,
};

/** Newest run of a strategy (R-RDS-08). */
export function strategyKey(keyPrefix: string, strategy: string): string {
  return `${keyPrefix}:${strategy}:latest`;
}

/** Newest run of whichever strategy was in force: what the query API reads. */
export function newestKey(keyPrefix: string): string {
  return `${keyPrefix}:latest`;
}

/**
 * The answers a run makes. One strategy is in force at a time, so its run is also the one that is
 * served under the preserved keys.
 */
export function cacheRun(
  run: Run,
  { keyPrefix, ttlSeconds }: DiscoveryCacheSettings,
): readonly CacheChange[] {
  const contenders = contendersOf(run);
  const entries: readonly (readonly [string, Json])[] = [
    [strategyKey(keyPrefix, run.strategy), contenders],
    [newestKey(keyPrefix), contenders],
    [CONTENDERS_KEY, contenders],
    [EXPLAIN_KEY, explanationOf(run)],
    [STATUS_KEY, statusOf(run)],
  ];
  return entries.map(([key, value]) => ({
    key,
    value,
    ttlSeconds,
    happenedAt: run.happenedAt,
  }));
}

function identityOf(run: Run): { readonly [member: string]: Json } {
  return {
    run_id: run.runId,
    slot: isoUtc(run.slot),
    happened_at: isoUtc(run.happenedAt),
    strategy: run.strategy,
    profile: run.profile,
    preset: run.preset,
    session: run.session.toLowerCase(),
    simulated: run.simulated,
  };
}

function contendersOf(run: Run): Json {
  return {
    ...identityOf(run),
    candidates: run.candidates.map((candidate) => ({
      rank: candidate.rank,
      symbol: candidate.symbol,
      score: candidate.score,
      confidence: candidate.confidence,
      label: candidate.label.toLowerCase(),
      price: candidate.price,
      verdict_id: candidate.verdictId,
    })),
  };
}

function explanationOf(run: Run): Json {
  return {
    ...identityOf(run),
    stages: run.stageCounts.map((count) => ({ stage: count.stage, in: count.in, out: count.out })),
    eliminations: run.eliminations.map(({ gate, first, all }) => ({ gate, first, all })),
    confidence: run.confidenceBuckets.map(({ from, count }) => ({ from, count })),
  };
}

function statusOf(run: Run): Json {
  return {
    ...identityOf(run),
    universe: run.universe,
    evaluable: run.evaluable,
    candidates_before_cap: run.candidatesBeforeCap,
    candidates: run.candidates.length,
    health: { score: run.healthScore, status: run.healthStatus, messages: run.healthMessages },
  };
}
