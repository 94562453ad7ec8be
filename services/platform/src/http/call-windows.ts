/**
 * What a provider allows per time, as data and arithmetic: no clock inside, times are ms of a clock
 * that only grows.
 */
export interface CallWindow {
  /** Ms from `nowMs` until one more call is allowed; 0 means now. */
  waitMs(nowMs: number): number;
  /** Notes a call; calls are noted in order of time. */
  note(atMs: number): void;
}

/**
 * Never more than `limit` calls in any stretch of `windowMs`. A token bucket of the same figures would
 * let twice as many through in its first window (C-54).
 */
export function slidingWindow(limit: number, windowMs: number): CallWindow {
  const times: number[] = [];
  return {
    waitMs: (nowMs) => {
      while (times.length > 0 && (times[0] ?? 0) <= nowMs - windowMs) times.shift();
      const oldest = times[times.length - limit];
      return oldest === undefined ? 0 : oldest + windowMs - nowMs;
    },
    note: (atMs) => {
      times.push(atMs);
    },
  };
}

/** A burst of `capacity` calls, then one for every token that `perSecond` refills. */
export function tokenBucket(capacity: number, perSecond: number): CallWindow {
  const intervalMs = 1000 / perSecond;
  /** When the bucket will be, or was, full: one instant holds the whole state. */
  let fullAtMs = Number.NEGATIVE_INFINITY;
  return {
    waitMs: (nowMs) => Math.max(0, fullAtMs - (capacity - 1) * intervalMs - nowMs),
    note: (atMs) => {
      fullAtMs = Math.max(fullAtMs, atMs) + intervalMs;
    },
  };
}
