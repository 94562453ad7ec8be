import type { WaitingClock } from "../waiting-clock.ts";

export interface VirtualClock extends WaitingClock {
  /** Lets time pass without anybody waiting. */
  readonly advance: (ms: number) => void;
  /** Everything that was waited for, ms, in order. */
  readonly waits: readonly number[];
}

/** 2025-09-05 14:00 UTC, a Friday in the regular session. */
export const VIRTUAL_START_MS = Date.UTC(2025, 8, 5, 14);

/** Time that passes only when somebody sleeps, and then at once. */
export function virtualClock(startMs = VIRTUAL_START_MS): VirtualClock {
  let elapsed = 0;
  const waits: number[] = [];
  return {
    waits,
    // A machine's clock tells whole milliseconds; waits have jitter.
    nowMs: () => startMs + Math.floor(elapsed),
    elapsedMs: () => elapsed,
    advance: (ms) => {
      elapsed += ms;
    },
    sleep: async (ms) => {
      waits.push(ms);
      elapsed += ms;
    },
  };
}
