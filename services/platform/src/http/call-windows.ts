/**
 * What a provider allows per time, as data and arithmetic: no clock inside, times are ms of a clock
 * that only grows. A call reaches the provider at some instant between its beginning and its end, and
 * wherever that is, nowhere may there be more than is allowed: so a call that has not ended counts as one of
 * now, and one that has ended as one of its end.
 */
export interface CallWindow {
  /** Ms from `nowMs` until one more call is allowed; 0 means now, infinity that a call has to end before. */
  waitMs(nowMs: number): number;
  begin(): void;
  /** One of those that have begun; ends come in order of time. */
  end(atMs: number): void;
}

/**
 * Never more than `limit` calls in any stretch of `windowMs`. A token bucket of the same figures would
 * let twice as many through in its first window (C-54).
 */
export function slidingWindow(limit: number, windowMs: number): CallWindow {
  const ends: number[] = [];
  let open = 0;
  return {
    waitMs: (nowMs) => {
      while (ends.length > 0 && (ends[0] ?? 0) <= nowMs - windowMs) ends.shift();
      if (open + ends.length < limit) return 0;
      const oldest = ends[open + ends.length - limit];
      return oldest === undefined ? Number.POSITIVE_INFINITY : oldest + windowMs - nowMs;
    },
    begin: () => {
      open += 1;
    },
    end: (atMs) => {
      open -= 1;
      ends.push(atMs);
    },
  };
}

/**
 * A burst of `capacity` calls, then one for every token that `perSecond` refills. What others called beyond
 * that leaves the bucket empty, not in debt.
 */
export function tokenBucket(capacity: number, perSecond: number): CallWindow {
  const intervalMs = 1000 / perSecond;
  /** When the bucket will be, or was, full: with the tokens of open calls this is the whole state. */
  let fullAtMs = Number.NEGATIVE_INFINITY;
  let open = 0;
  return {
    // A part of a call is none: a bucket of 1.2 holds one.
    waitMs: (nowMs) =>
      open + 1 > capacity
        ? Number.POSITIVE_INFINITY
        : Math.max(0, fullAtMs - (capacity - open - 1) * intervalMs - nowMs),
    begin: () => {
      open += 1;
    },
    end: (atMs) => {
      open -= 1;
      fullAtMs = Math.min(Math.max(fullAtMs, atMs) + intervalMs, atMs + capacity * intervalMs);
    },
  };
}
