import { setTimeout as delay } from "node:timers/promises";

/** Wall time of the projector, for waits and stall detection only; no row ever holds it. */
export interface ProjectorClock {
  /** Monotonic ms. */
  now(): number;
  /** Resolves after `ms` or when `signal` aborts, whichever is first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: ProjectorClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
