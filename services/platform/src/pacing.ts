import { setTimeout as wait } from "node:timers/promises";

/** What decides how long a request is repeated; tests let the time pass by themselves. */
export interface Pacing {
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Rejects as soon as `signal` aborts. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

export const REAL_TIME: Pacing = {
  nowMs: () => performance.now(),
  pause: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
};
