import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";

/** A clock that can also be waited on, so that a test's day passes in no time. */
export interface WaitingClock extends Clock {
  /** Resolves after `ms`, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const WAITING_CLOCK: WaitingClock = {
  ...SYSTEM_CLOCK,
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Whoever sleeps looks at the signal afterwards, as it does after a whole sleep.
      if (signal?.aborted !== true) throw error;
    }
  },
};
