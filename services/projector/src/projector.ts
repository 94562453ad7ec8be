import { randomUUID } from "node:crypto";
import type { Cache } from "@amc/platform/cache/port";
import type { Log } from "@amc/platform/log/port";
import type { ProjectionObserver } from "@amc/platform/metrics/projection-metrics";
import { type CacheSettings, DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import { PROJECTION_NAMES, type ProjectionName } from "@amc/streams/projections/projections";
import type { Pool } from "pg";
import { CachedAnswers } from "./cached-answers.ts";
import { type ProjectorClock, systemClock } from "./clock.ts";
import type { Probe } from "./commit-batch.ts";
import { classifyProjectorFailure } from "./failures.ts";
import type { ProjectorLogger } from "./logger.ts";
import { type DatabaseOutage, ProjectionLoop } from "./projection-loop.ts";

export interface ProjectorOptions {
  readonly log: Log;
  /** As the `projector` role, with at least one connection per projection. */
  readonly pool: Pool;
  readonly cache: Cache;
  /** Prefixes and lifetimes of cached answers; what R-RDS-08 states by default. */
  readonly cacheSettings?: CacheSettings;
  readonly logger: ProjectorLogger;
  readonly clock?: ProjectorClock;
  /** What this instance projects, where several divide the work; everything when left out. */
  readonly projections?: readonly ProjectionName[];
  /** For tests: called between the steps of a commit. */
  readonly probe?: Probe;
  /** Told of every transaction that was acknowledged. */
  readonly observer?: ProjectionObserver | undefined;
}

/** The next offset that a projection will apply. */
export interface ProjectedOffset {
  readonly projection: ProjectionName;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

export interface ProjectorCounts {
  readonly records: number;
  readonly batches: number;
  readonly deadLettered: number;
  readonly retries: number;
}

/** Turns the log into tables and cached answers. */
export interface Projector {
  /**
   * Takes the projections over and projects in the background. Resolves when it owns them; waits
   * for a database that is not there yet.
   */
  start(): Promise<void>;
  /** Resolves after `stop`; rejects with the failure that ended it, after which nothing is written. */
  readonly ended: Promise<void>;
  /** Commits the batches in hand and ends. */
  stop(): Promise<void>;
  /** Projects all that the log holds and returns; instead of `start`. */
  runUntilCaughtUp(): Promise<ProjectorCounts>;
  /** Whether the tables hold everything that the log holds now. */
  caughtUp(): Promise<boolean>;
  /** Records that the tables do not hold yet. */
  lag(): Promise<number>;
  /** Since when the database has not served the projection that waits longest; null while it does. */
  outage(): DatabaseOutage | null;
  /** Committed positions. */
  positions(): readonly ProjectedOffset[];
  counts(): ProjectorCounts;
}

/** How often progress is looked at. */
const WATCH_EVERY_MS = 5_000;

export function createProjector(options: ProjectorOptions): Projector {
  return new ProjectorProcess(options);
}

class ProjectorProcess implements Projector {
  readonly ended: Promise<void>;
  readonly #clock: ProjectorClock;
  readonly #logger: ProjectorLogger;
  readonly #pool: Pool;
  readonly #loops: readonly ProjectionLoop[];
  readonly #stopping = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #started = false;

  constructor({
    log,
    pool,
    cache,
    cacheSettings = DEFAULT_CACHE,
    logger,
    clock = systemClock,
    projections = PROJECTION_NAMES,
    probe,
    observer,
  }: ProjectorOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#pool = pool;
    this.ended = this.#end.promise;
    // Whoever only stops it need not listen; who listens still gets the rejection.
    this.ended.catch((error: unknown) => logger.error({ err: error }, "projector ended"));
    const owner = `projector/${process.pid}/${randomUUID()}`;
    const answers = new CachedAnswers(cache, logger, cacheSettings);
    this.#loops = projections.map(
      (projection) =>
        new ProjectionLoop({
          log,
          pool,
          projection,
          owner,
          clock,
          logger,
          answers,
          exportsDeadLetters: true,
          ...(probe === undefined ? {} : { probe }),
          ...(observer === undefined ? {} : { observer }),
        }),
    );
  }

  async start(): Promise<void> {
    this.#started = true;
    try {
      await this.#claim();
    } catch (error) {
      // Nothing has failed, though nothing is owned either.
      if (this.#isCutShort(error) || this.#waitedInVain(error)) this.#end.resolve();
      else this.#end.reject(error);
      throw error;
    }
    this.#endWith(this.#run());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#started) this.#end.resolve();
    await this.ended;
  }

  async runUntilCaughtUp(): Promise<ProjectorCounts> {
    this.#started = true;
    const { signal } = this.#stopping;
    const work = this.#claim().then(() => this.#together((loop) => loop.runUntilCaughtUp(signal)));
    this.#endWith(work);
    await work;
    return this.counts();
  }

  async caughtUp(): Promise<boolean> {
    return (await this.lag()) === 0 && !this.#loops.some(({ isInDoubt }) => isInDoubt);
  }

  async lag(): Promise<number> {
    let lag = 0;
    for (const loop of this.#loops) lag += await loop.lag();
    return lag;
  }

  outage(): DatabaseOutage | null {
    let longest: DatabaseOutage | null = null;
    for (const loop of this.#loops) {
      const outage = loop.outage();
      if (outage !== null && outage.forMs >= (longest?.forMs ?? 0)) longest = outage;
    }
    return longest;
  }

  positions(): readonly ProjectedOffset[] {
    return this.#loops.flatMap((loop) =>
      loop.positions().map(({ topic, partition, nextOffset }) => ({
        projection: loop.projection,
        topic,
        partition,
        next: nextOffset,
      })),
    );
  }

  counts(): ProjectorCounts {
    const sum = { records: 0, batches: 0, deadLettered: 0, retries: 0 };
    for (const { counts } of this.#loops) {
      sum.records += counts.records;
      sum.batches += counts.batches;
      sum.deadLettered += counts.deadLettered;
      sum.retries += counts.retries;
    }
    return sum;
  }

  async #claim(): Promise<void> {
    for (const loop of this.#loops) await loop.claim(this.#stopping.signal);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const watch = this.#watch(signal);
    const onLost = () => {
      for (const loop of this.#loops) loop.doubt();
    };
    this.#pool.on("error", onLost);
    try {
      await this.#together((loop) => loop.run(signal));
    } finally {
      this.#pool.off("error", onLost);
    }
    await watch;
  }

  /** All loops side by side; the first failure stops the others after their batch, then is thrown. */
  async #together(work: (loop: ProjectionLoop) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(
      this.#loops.map(async (loop) => {
        try {
          await work(loop);
        } catch (error) {
          // Cut short by `stop` while it waited for the database or took a lease: nothing of it is lost.
          if (this.#isCutShort(error) || this.#waitedInVain(error)) return;
          this.#logger.error({ err: error, projection: loop.projection }, "projection failed");
          this.#stopping.abort();
          throw error;
        }
      }),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Whether an error is the end that `stop` has asked for. */
  #isCutShort(error: unknown): boolean {
    const { signal } = this.#stopping;
    return signal.aborted && error === signal.reason;
  }

  #waitedInVain(error: unknown): boolean {
    return this.#stopping.signal.aborted && classifyProjectorFailure(error) === "transient";
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(WATCH_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        for (const loop of this.#loops) await loop.checkProgress();
      } catch (error) {
        this.#logger.error({ err: error }, "projector stalled");
        this.#end.reject(error);
        this.#stopping.abort();
      }
    }
  }

  #endWith(work: Promise<void>): void {
    work.then(
      () => this.#end.resolve(),
      (error: unknown) => this.#end.reject(error),
    );
  }
}
