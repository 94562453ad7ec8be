import type { Cache } from "@amc/platform/cache/port";
import { decodeEvent } from "@amc/schemas/codec";
import type { CacheChange } from "@amc/streams/projections/change";
import { cacheRun, type DiscoveryCacheSettings } from "@amc/streams/projections/runs/cache";
import type { ClientBase } from "pg";
import type { ProjectorLogger } from "./logger.ts";

/**
 * Writes cached answers after the rows they repeat are committed. Runs lie in several partitions
 * and may be projected out of order, so an answer older than the one written is left out. The cache
 * may fail at any time: that is logged, and readers go to the tables.
 */
export class CachedAnswers {
  readonly settings: DiscoveryCacheSettings;
  readonly #cache: Cache;
  readonly #logger: ProjectorLogger;
  readonly #writtenAt = new Map<string, number>();

  constructor(cache: Cache, logger: ProjectorLogger, settings: DiscoveryCacheSettings) {
    this.settings = settings;
    this.#cache = cache;
    this.#logger = logger;
  }

  /** Fills the cache from the newest run of each strategy in the tables. */
  async warm(client: ClientBase): Promise<void> {
    const { rows } = await client.query<{ event: Uint8Array }>(NEWEST_RUNS);
    for (const { event } of rows) {
      const run = decodeEvent("discovery.run.v1", event);
      if (run.ok) await this.write(cacheRun(run.value, this.settings));
    }
  }

  async write(changes: readonly CacheChange[]): Promise<void> {
    for (const { key, value, ttlSeconds, happenedAt } of changes) {
      if (happenedAt < (this.#writtenAt.get(key) ?? Number.NEGATIVE_INFINITY)) continue;
      try {
        await this.#cache.set(key, JSON.stringify(value), ttlSeconds);
        this.#writtenAt.set(key, happenedAt);
      } catch (error) {
        this.#logger.warn({ err: error, key }, "an answer was not cached");
      }
    }
  }
}

const NEWEST_RUNS = `
  SELECT DISTINCT ON (strategy) event FROM discovery_runs
  ORDER BY strategy, happened_at DESC, event_id DESC`;
