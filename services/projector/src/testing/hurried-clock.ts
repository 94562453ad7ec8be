import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { ProjectorClock } from "../clock.ts";

/** Does not wait between tries; long waits, between two looks at the progress, last until the end. */
export const hurriedClock: ProjectorClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    if (signal.aborted) return;
    if (ms >= 5_000) await once(signal, "abort");
    else await setImmediate();
  },
};
