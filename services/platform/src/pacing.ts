import { setTimeout as wait } from "node:timers/promises";

/** What decides how long a request is repeated; tests let the time pass by themselves. */
export interface Pacing {
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

export const REAL_TIME: Pacing = { nowMs: () => performance.now(), pause: wait };
