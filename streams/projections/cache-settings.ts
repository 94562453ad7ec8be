import { DEFAULT_EXPERIMENT_CACHE, type ExperimentCacheSettings } from "./experiments/cache.ts";
import { DEFAULT_DISCOVERY_CACHE, type DiscoveryCacheSettings } from "./runs/cache.ts";

/** Where cached answers lie and how long, by what they are about. */
export interface CacheSettings {
  readonly discovery: DiscoveryCacheSettings;
  readonly experiments: ExperimentCacheSettings;
}

/** What R-RDS-08 states. */
export const DEFAULT_CACHE: CacheSettings = {
  discovery: DEFAULT_DISCOVERY_CACHE,
  experiments: DEFAULT_EXPERIMENT_CACHE,
};
