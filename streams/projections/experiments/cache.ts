import { planOf } from "../../experiments/plan.ts";
import { experimentOfSetting } from "../../experiments/setting-name.ts";
import type { StageEvent } from "../../kernel/stage.ts";
import { isoUtc } from "../../market/event-time.ts";
import type { CacheChange } from "../change.ts";

export interface ExperimentCacheSettings {
  /** `REDIS_AB_TEST_KEY_PREFIX` */
  readonly keyPrefix: string;
  /** `CACHE_TTL_AB_RESULTS_SECONDS` */
  readonly ttlSeconds: number;
}

/** R-RDS-08: results are kept for an hour. */
export const DEFAULT_EXPERIMENT_CACHE: ExperimentCacheSettings = {
  keyPrefix: "amc:ab_test",
  ttlSeconds: 3600,
};

/** The newest event of an experiment: what an analysis of it has to have counted. */
export function newestOfExperimentKey(keyPrefix: string, experiment: string): string {
  return `${keyPrefix}:${experiment}:latest`;
}

/** A result is the newest of its experiment until the next one, or the next decision, comes. */
export function cacheExperimentResult(
  { id, value }: StageEvent<"experiments.result.v1">,
  { keyPrefix, ttlSeconds }: ExperimentCacheSettings,
): readonly CacheChange[] {
  const { experiment, strategy, runId, slot, candidates, happenedAt } = value;
  return [
    {
      key: newestOfExperimentKey(keyPrefix, experiment),
      value: {
        experiment,
        event_id: id,
        strategy,
        run_id: runId,
        slot: isoUtc(slot),
        candidates,
      },
      ttlSeconds,
      happenedAt,
    },
  ];
}

/** A decision makes every analysis of before stale: its status and split are in there. */
export function cacheExperimentPlan(
  { id, value }: StageEvent<"ops.control.v1">,
  { keyPrefix, ttlSeconds }: ExperimentCacheSettings,
): readonly CacheChange[] {
  const experiment = experimentOfSetting(value.setting);
  if (experiment === null || planOf(value.value) === null) return [];
  return [
    {
      key: newestOfExperimentKey(keyPrefix, experiment),
      value: { experiment, event_id: id },
      ttlSeconds,
      happenedAt: value.publishedAt,
    },
  ];
}
