import type { Variables } from "@amc/platform/config/variables";
import type { CacheSettings } from "@amc/streams/projections/cache-settings";

/** Where cached answers lie, as the environment configures it (R-ENV-26). */
export function cacheSettingsOf(variables: Variables): CacheSettings {
  return {
    discovery: {
      keyPrefix: variables.REDIS_DISCOVERY_KEY_PREFIX,
      ttlSeconds: variables.CACHE_TTL_DISCOVERY_SECONDS,
    },
    experiments: {
      keyPrefix: variables.REDIS_AB_TEST_KEY_PREFIX,
      ttlSeconds: variables.CACHE_TTL_AB_RESULTS_SECONDS,
    },
  };
}
