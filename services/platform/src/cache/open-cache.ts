import { SYSTEM_CLOCK } from "../clock.ts";
import { createMemoryCache } from "./memory.ts";
import type { Cache } from "./port.ts";
import { openRedisCache, REDIS_DATABASES } from "./redis.ts";
import type { CacheLogger } from "./redis-connection.ts";
import { parseRedisUrl } from "./redis-url.ts";

/**
 * The cache that the configuration names for one purpose: Redis at `url`, or one in this process.
 * Redis need not be there yet, and may go away at any time.
 */
export async function openCache(
  url: string | undefined,
  purpose: keyof typeof REDIS_DATABASES,
  logger: CacheLogger,
): Promise<Cache> {
  const address = url === undefined ? null : parseRedisUrl(url);
  if (address === null) return createMemoryCache(SYSTEM_CLOCK.elapsedMs);
  return await openRedisCache({ address, database: REDIS_DATABASES[purpose], logger });
}
