/** S2's generic retry: three attempts with an exponential wait between 2 s and 60 s (R-ING-12). */
export interface RetryPolicy {
  /** Sendings of one call, the first included. */
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly factor: number;
  readonly maxWaitMs: number;
  /** Share of the wait that chance may add, so that jobs that failed together do not return together. */
  readonly jitter: number;
}

/**
 * Ms to wait after the `attempt`-th sending failed, from 1; null to give up. `askedMs` is what the
 * provider wants, which is waited for in full or not at all.
 */
export function retryWaitMs(
  policy: RetryPolicy,
  attempt: number,
  askedMs: number | null,
  random: number,
): number | null {
  if (attempt >= policy.attempts) return null;
  const grown = policy.firstWaitMs * policy.factor ** (attempt - 1);
  const own = Math.min(policy.maxWaitMs, grown * (1 + policy.jitter * random));
  if (askedMs === null) return own;
  return askedMs > policy.maxWaitMs ? null : Math.max(own, askedMs);
}
