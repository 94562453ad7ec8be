import type { Pacing } from "../../pacing.ts";

/** Time that passes in pauses only, and in them at once. */
export function passingTime(): Pacing {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    pause: async (ms) => {
      nowMs += ms;
    },
  };
}
