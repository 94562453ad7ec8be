import type { Cache } from "@amc/platform/cache/port";
import { decodeEvent } from "@amc/schemas/codec";
import type { CacheSettings } from "@amc/streams/projections/cache-settings";
import type { CacheChange } from "@amc/streams/projections/change";
import { cacheRun } from "@amc/streams/projections/runs/cache";
import { staleBefore } from "@amc/streams/projections/runs/stale-answers";
import type { ClientBase } from "pg";
import type { ProjectorLogger } from "./logger.ts";

/**
 * Writes cached answers after the rows they repeat are committed. Runs lie in several partitions
 * and may be projected out of order, so an answer older than the one written is left out. The cache
 * may fail at any time: that is logged, and readers go to the tables.
 */
export class CachedAnswers {
  readonly settings: CacheSettings;
  readonly #cache: Cache;
  readonly #logger: ProjectorLogger;
  readonly #writtenAt = new Map<string, number>();
  #clearedBefore = Number.NEGATIVE_INFINITY;

  constructor(cache: Cache, logger: ProjectorLogger, settings: CacheSettings) {
    this.settings = settings;
    this.#cache = cache;
    this.#logger = logger;
  }

  /** Fills the cache from the newest run of each strategy in the tables, stale ones left out. */
  async warm(client: ClientBase): Promise<void> {
    const clock = await client.query<{ reached: Date | null }>(REACHED);
    const reached = clock.rows[0]?.reached ?? null;
    if (reached === null) return;
    const from = staleBefore(reached.getTime());
    await this.clearBefore(from);
    const { rows } = await client.query<{ event: Uint8Array }>(NEWEST_RUNS, [new Date(from)]);
    for (const { event } of rows) {
      const run = decodeEvent("discovery.run.v1", event);
      if (run.ok) await this.write(cacheRun(run.value, this.settings.discovery));
    }
  }

  /** Removes answers of runs before an instant, UTC ms, and takes none of them any more. */
  async clearBefore(instant: number): Promise<void> {
    if (instant <= this.#clearedBefore) return;
    this.#clearedBefore = instant;
    for (const [key, happenedAt] of this.#writtenAt) {
      if (happenedAt >= instant) continue;
      this.#writtenAt.delete(key);
      try {
        await this.#cache.delete(key);
      } catch (error) {
        // Its lifetime ends it soon.
        this.#logger.warn({ err: error, key }, "a stale answer was not removed");
      }
    }
  }

  async write(changes: readonly CacheChange[]): Promise<void> {
    for (const { key, value, ttlSeconds, happenedAt } of changes) {
      if (happenedAt < (this.#writtenAt.get(key) ?? this.#clearedBefore)) continue;
      // Noted first: a clearing that begins while this is written has to know of it.
      this.#writtenAt.set(key, happenedAt);
      try {
        await this.#cache.set(key, JSON.stringify(value), ttlSeconds);
      } catch (error) {
        this.#logger.warn({ err: error, key }, "an answer was not cached");
      }
    }
  }
}

/** The clock is projected by `calendar`, which may not have begun yet: a run has a tick, too. */
const REACHED = `
  SELECT coalesce(
    (SELECT max(applied_through) FROM projection_positions
     WHERE projection = 'calendar' AND topic = 'ops.clock.v1'),
    (SELECT max(happened_at) FROM discovery_runs)) AS reached`;

const NEWEST_RUNS = `
  SELECT DISTINCT ON (strategy) event FROM discovery_runs WHERE happened_at >= $1
  ORDER BY strategy, happened_at DESC, event_id DESC`;
