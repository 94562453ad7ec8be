import type { Log } from "@amc/platform/log/port";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { ApiConfig } from "./config.ts";
import type { FactLocator } from "./evidence/fact-locator.ts";
import type { FeedName } from "./live/position.ts";
import type { LagMeter } from "./live/projection-lag.ts";
import type { ApiMetrics } from "./metrics/api-metrics.ts";
import type { ReadModel } from "./read-model/port.ts";

/** The part of the cache port this service uses: null when the key is absent. */
export interface CacheReader {
  get(key: string): Promise<string | null>;
}

/** What the routes share. */
export interface ApiContext {
  readonly config: ApiConfig;
  readonly readModel: ReadModel;
  readonly log: Log;
  readonly topology: readonly Subtopology[];
  readonly cache: CacheReader;
  readonly nowMs: () => number;
  readonly lag: LagMeter;
  readonly facts: FactLocator;
  readonly metrics: ApiMetrics;
  readonly feedLayout: Readonly<Record<FeedName, number>>;
}
