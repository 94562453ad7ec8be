import type { ClientConfig } from "pg";
import type { Build } from "./fault.ts";
import type { MarketPlace } from "./market-on-kafka.ts";
import type { CommitStrike } from "./struck-commits.ts";

/** What a struck projector is told. */
export interface ProjectorTask {
  readonly place: MarketPlace;
  readonly database: ClientConfig;
  readonly build: Build;
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
