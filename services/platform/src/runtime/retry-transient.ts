import { setTimeout } from "node:timers/promises";
import { Failing } from "./failing.ts";
import { classifyFailure } from "./failure.ts";
import { STALL_LIMIT_MS } from "./watchdog.ts";

/** Waits between tries: doubled each time, capped, with full jitter. */
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;

/**
 * Does work again until it is done, fails for good or `signal` aborts; false when it was cut short. A
 * try that lasted longer than the longest wait counts as a success: its failure is a new one. Throws
 * `runtime.stalled` when tries that each end within a minute fail for a minute and nobody is away.
 */
export async function retryTransient(
  signal: AbortSignal,
  work: () => Promise<void>,
  onRetry: (error: unknown, retryInMs: number) => void,
  now: () => number = () => performance.now(),
): Promise<boolean> {
  const failing = new Failing(now);
  for (let failures = 0; !signal.aborted; ) {
    const startedMs = now();
    try {
      await work();
      return true;
    } catch (error) {
      // Cut short in the middle of what it takes over, say: nothing has failed.
      if (signal.aborted && error === signal.reason) return false;
      if (classifyFailure(error) !== "transient") throw error;
      const lastedMs = now() - startedMs;
      if (lastedMs > STALL_LIMIT_MS) failing.succeeded();
      const stall = failing.stallOf(error, { failures: failures + 1 });
      if (stall !== null) throw stall;
      failures = lastedMs > BACKOFF_MAX_MS ? 1 : failures + 1;
      const capMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
      const retryInMs = Math.ceil(Math.random() * capMs);
      onRetry(error, retryInMs);
      await setTimeout(retryInMs, undefined, { signal }).catch(swallowAbort);
    }
  }
  return false;
}

function swallowAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
