import { newestKey } from "@amc/streams/projections/runs/cache";
import type { CacheReader } from "../context.ts";
import type { CacheResult } from "../metrics/api-metrics.ts";

// 100 candidates take about 20 kB.
const MAX_CHARACTERS = 256 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface CachedRun {
  readonly result: CacheResult;
  /** Id of the newest run; null unless the result is a hit. */
  readonly runId: string | null;
}

/**
 * Asks the cache which run is the newest. Its content is not trusted: all that is taken from it is
 * an id, to be compared with that of a run that was read from the tables. A missing key never means "no candidates" (C-19).
 * `keyPrefix` is that of the projector (streams/projections/runs/cache.ts names the keys).
 */
export async function cachedRun(cache: CacheReader, keyPrefix: string): Promise<CachedRun> {
  let text: string | null;
  try {
    text = await cache.get(newestKey(keyPrefix));
  } catch {
    return { result: "error", runId: null };
  }
  if (text === null) return { result: "miss", runId: null };
  const runId = text.length > MAX_CHARACTERS ? null : runIdOf(text);
  return runId === null ? { result: "invalid", runId } : { result: "hit", runId };
}

function runIdOf(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("run_id" in value)) return null;
  const { run_id: runId } = value;
  return typeof runId === "string" && UUID.test(runId) ? runId : null;
}
