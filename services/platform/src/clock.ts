/** Time from outside, injected so that a test can be any day it likes. */
export interface Clock {
  /** Ms since 1970; may jump. */
  readonly nowMs: () => number;
  /** Ms that only grow, for durations. */
  readonly elapsedMs: () => number;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
};
