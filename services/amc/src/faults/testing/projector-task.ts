import type { RedisAddress } from "@amc/platform/cache/redis-url";
import type { ClientConfig } from "pg";
import type { Build } from "./fault.ts";
import type { MarketPlace } from "./market-on-kafka.ts";
import type { CommitStrike } from "./struck-commits.ts";

/** What a struck projector is told. */
export interface ProjectorTask {
  readonly place: MarketPlace;
  readonly database: ClientConfig;
  /** Where its cache is; in its process when left out. */
  readonly redis?: RedisAddress;
  readonly build: Build;
  /** What is wrong with the broken build; positions first if left out. Who jumps does at SIGUSR2. */
  readonly defect?: "positions-first" | "jumps-to-newest";
  readonly strike?: CommitStrike;
  /** Goes on when everything is projected, until SIGTERM. */
  readonly stays?: boolean;
  /** How long the broken build stays where it is wrong, ms. */
  readonly exposedMs?: number;
  /** Of one partition: the smaller, the more commits. */
  readonly recordsPerRead?: number;
  /** Waits for the database; those of a projector in earnest when left out. */
  readonly waits?: {
    readonly connectionTimeoutMs: number;
    readonly statementTimeoutMs: number;
    readonly answerTimeoutMs: number;
  };
}
