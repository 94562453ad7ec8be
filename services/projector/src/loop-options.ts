import type { Log } from "@amc/platform/log/port";
import type { ProjectionObserver } from "@amc/platform/metrics/projection-metrics";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { Pool } from "pg";
import type { ReadBounds } from "./batch-reader.ts";
import type { CachedAnswers } from "./cached-answers.ts";
import type { ProjectorClock } from "./clock.ts";
import type { Probe } from "./commit-batch.ts";
import type { ProjectorLogger } from "./logger.ts";

export interface LoopOptions {
  readonly log: Log;
  readonly pool: Pool;
  readonly projection: ProjectionName;
  /** Names this projector among all that ever owned the projection. */
  readonly owner: string;
  readonly clock: ProjectorClock;
  readonly logger: ProjectorLogger;
  /** Null where nothing outside the tables may be written: a rebuild. */
  readonly answers: CachedAnswers | null;
  readonly exportsDeadLetters: boolean;
  /** Where a rebuild stops reading. */
  readonly bounds?: ReadBounds;
  readonly random?: () => number;
  readonly probe?: Probe;
  /** Told of every transaction; metrics, traces and log lines come from here. */
  readonly observer?: ProjectionObserver;
}
