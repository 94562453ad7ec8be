import type { WaitingClock } from "../../http/waiting-clock.ts";

const MINUTE_MS = 60_000;
/** Between the waits for another attempt at a collection and the time that one is given. */
const LONGEST_WAIT_MS = 20 * MINUTE_MS;

/**
 * A virtual clock passes with whoever waits, so a deadline would be over at once: with this one nobody
 * reaches a deadline, and other waits pass as before.
 */
export function withoutDeadlines(clock: WaitingClock): WaitingClock {
  return {
    nowMs: () => clock.nowMs(),
    elapsedMs: () => clock.elapsedMs(),
    sleep: async (ms, signal) => {
      if (ms <= LONGEST_WAIT_MS || signal === undefined) return await clock.sleep(ms, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    },
  };
}
