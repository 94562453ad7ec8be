import { RuntimeError } from "./runtime-error.ts";

/** No committed progress for this long while input waits means the process is stuck, not idle. */
export const STALL_LIMIT_MS = 60_000;

export interface Progress {
  /** True while input is known to wait. */
  readonly behind: boolean;
  /** What the holder is doing, for the dump. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/**
 * Turns "lag and no progress" into an error with the facts of the place it stopped at. A silent
 * stall is what users of every such system complain about most (field-notes §1.5).
 */
export class Watchdog {
  readonly #now: () => number;
  readonly #limitMs: number;
  #lastProgressMs: number;

  constructor(now: () => number, limitMs: number = STALL_LIMIT_MS) {
    this.#now = now;
    this.#limitMs = limitMs;
    this.#lastProgressMs = now();
  }

  progressed(): void {
    this.#lastProgressMs = this.#now();
  }

  /** Throws `runtime.stalled` when input has waited past the limit without progress. */
  check(progress: Progress): void {
    const stall = this.stallOf(progress);
    if (stall !== null) throw stall;
  }

  /** As `check`, for a caller that has to hand the error on; null while nothing is stuck. */
  stallOf(progress: Progress): RuntimeError | null {
    const silentMs = this.#now() - this.#lastProgressMs;
    if (!progress.behind) {
      this.#lastProgressMs = this.#now();
      return null;
    }
    if (silentMs <= this.#limitMs) return null;
    return new RuntimeError(
      "runtime.stalled",
      `no progress for ${Math.round(silentMs / 1000)} s although input waits`,
      { ...progress.facts, silentMs },
    );
  }
}
