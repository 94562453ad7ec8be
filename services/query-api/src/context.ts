import type { Cache } from "@amc/platform/cache/port";
import type { Log } from "@amc/platform/log/port";
import type { Outage } from "@amc/platform/postgres/outage-watch";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { ApiConfig } from "./config.ts";
import type { FactLocator } from "./evidence/fact-locator.ts";
import type { KeptAnswers } from "./http/kept-answers.ts";
import type { NewestTables } from "./live/newest-tables.ts";
import type { FeedName } from "./live/position.ts";
import type { LagMeter } from "./live/projection-lag.ts";
import type { ApiMetrics } from "./metrics/api-metrics.ts";
import type { ReadModel } from "./read-model/port.ts";

/** The part of the cache port this service uses: null when the key is absent. */
export interface CacheReader {
  get(key: string): Promise<string | null>;
  /** What answers; throws when nothing does. */
  ping(): Promise<string>;
}

/** Where readings are kept for whichever process is asked next. */
export type ReadingCache = Pick<Cache, "get" | "set">;

/** A database that the projector waits for. */
export interface ProjectorOutage {
  /** SQLSTATE or socket error of its newest try. */
  readonly code: string;
  readonly forMs: number;
}

/** What the routes share. */
export interface ApiContext {
  readonly config: ApiConfig;
  readonly readModel: ReadModel;
  readonly log: Log;
  readonly topology: readonly Subtopology[];
  readonly cache: CacheReader;
  /** Of readings about short interest; null where none are kept. */
  readonly shortInterestCache: ReadingCache | null;
  readonly nowMs: () => number;
  /** Since when the database has not answered this service, ms since 1970; null while it does. */
  readonly outage: () => Outage | null;
  /** Null where no projector runs in this process. */
  readonly projectorOutage: () => ProjectorOutage | null;
  readonly lag: LagMeter;
  readonly tables: NewestTables;
  readonly answers: KeptAnswers;
  readonly facts: FactLocator;
  readonly metrics: ApiMetrics;
  readonly feedLayout: Readonly<Record<FeedName, number>>;
}
