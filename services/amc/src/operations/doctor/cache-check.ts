import { openCache } from "@amc/platform/cache/open-cache";
import { isCacheError } from "@amc/platform/cache/port";
import type { Variables } from "@amc/platform/config/variables";
import { type Check, ok, warn } from "./check.ts";

/** What answers as cache. Everything works without it, so its absence is a warning. */
export async function cacheCheck(variables: Variables): Promise<Check> {
  const cache = await openCache(variables, "discovery", SILENT);
  try {
    return ok("cache", await cache.ping());
  } catch (error) {
    if (!isCacheError(error)) throw error;
    const mend = "start that server, or unset REDIS_URL to use the cache in the process";
    return warn("cache", `Redis at REDIS_URL does not answer (${error.facts.reason})`, mend);
  } finally {
    await cache.close();
  }
}

/** The check itself says what is wrong. */
const SILENT = { info: () => undefined, warn: () => undefined };
