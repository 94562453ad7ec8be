import { SYSTEM_CLOCK } from "../clock.ts";
import { createMemoryCache } from "./memory.ts";
import type { Cache } from "./port.ts";
import { openRedisCache, REDIS_DATABASES } from "./redis.ts";
import type { CacheLogger } from "./redis-connection.ts";
import { parseRedisUrl } from "./redis-url.ts";

/** What the configuration says about the cache. */
export interface CacheAccess {
  readonly REDIS_URL?: string | undefined;
  readonly AMC_TLS_CA?: string | undefined;
}

/** In this process; undefined for the usual number. Histories of short interest are pages of up to 64 kB. */
const ENTRIES_MAX: Readonly<Record<keyof typeof REDIS_DATABASES, number | undefined>> = {
  ...{ discovery: undefined, coordination: undefined, shortInterest: 100 },
};

/**
 * The cache that the configuration names for one purpose: Redis at `REDIS_URL`, or one in this
 * process. Redis need not be there yet, and may go away at any time.
 */
export async function openCache(
  { REDIS_URL: url, AMC_TLS_CA: ca }: CacheAccess,
  purpose: keyof typeof REDIS_DATABASES,
  logger: CacheLogger,
): Promise<Cache> {
  const address = url === undefined ? null : parseRedisUrl(url);
  if (address === null) return createMemoryCache(SYSTEM_CLOCK.elapsedMs, ENTRIES_MAX[purpose]);
  return await openRedisCache({
    address: { ...address, ca },
    database: REDIS_DATABASES[purpose],
    logger,
  });
}
