import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CircuitBreaker, openBreaker } from "./circuit-breaker.ts";
import { isFaultCode, isProviderError, ProviderError } from "./provider-error.ts";
import { failureStreak } from "./recent-calls.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

const LIMITS = { failures: 3, openMs: 300_000, successes: 1 };
/** Success, two faults of a provider's and two that are none. */
const CODES = [
  null,
  "provider.timeout",
  "provider.unreadable",
  "provider.aborted",
  "provider.refused",
] as const;

describe("failures in a row, as recorded", () => {
  it("leave a breaker where it would be if it had lived through all calls", () => {
    const calls = fc.array(
      fc.record({ errorCode: fc.constantFrom(...CODES), afterMs: fc.nat({ max: 400_000 }) }),
      { maxLength: 12 },
    );
    return fc.assert(
      fc.asyncProperty(calls, async (asked) => {
        const clock = virtualClock();
        const lived = openBreaker(LIMITS, clock, () => undefined);
        const recorded = [];
        for (const { errorCode, afterMs } of asked) {
          clock.advance(afterMs);
          // On trial that closes a breaker which is alive; one from a record is on trial once more.
          if (lived.awaitsTrial && errorCode !== null && !isFaultCode(errorCode)) continue;
          const error = errorCode === null ? null : new ProviderError(errorCode, "no");
          const call = () => (error === null ? Promise.resolve() : Promise.reject(error));
          const end: unknown = await lived.run(call).catch((failure: unknown) => failure);
          if (isProviderError(end, "provider.circuit-open")) continue;
          recorded.push({ endedAt: clock.nowMs(), errorCode });
        }
        const restored = openBreaker(LIMITS, clock, () => undefined, failureStreak(recorded));
        expect(factsOf(restored)).toEqual(factsOf(lived));
        expect([restored.isClosed, restored.awaitsTrial]).toEqual([
          ...[lived.isClosed, lived.awaitsTrial],
        ]);
      }),
    );
  });
});

function factsOf(breaker: CircuitBreaker): object | null {
  try {
    breaker.refuseIfOpen();
    return null;
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { message: error.message, ...error.facts };
  }
}
