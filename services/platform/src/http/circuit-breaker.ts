import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from "cockatiel";
import type { Clock } from "../clock.ts";
import { isProviderFault, ProviderError } from "./provider-error.ts";

export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Ms it stays open before calls are let through on trial. */
  readonly openMs: number;
  /** Successes on trial that close it. */
  readonly successes: number;
}

/** A change of a breaker. */
export interface BreakerChange {
  readonly change: "OPENED" | "HALF_OPENED" | "CLOSED";
  /** Failures in a row up to the change. */
  readonly failureCount: number;
  /** Code of the last failure; null when it closes. */
  readonly reason: string | null;
  /** UTC ms. */
  readonly happenedAt: number;
  /** When calls are let through on trial, UTC ms; null unless it opened. */
  readonly autoRecoveryAt: number | null;
}

/** Failures in a row before a breaker was made, of which the log tells. */
export interface FailureStreak {
  readonly failures: number;
  /** Code of the last of them. */
  readonly reason: string;
  /** When the last of them was over, UTC ms. */
  readonly lastAt: number;
}

/** Runs calls while the provider is believed to be there. */
export interface CircuitBreaker {
  /** Throws `provider.circuit-open` without calling, else what `call` throws. */
  run<Answer>(call: () => Promise<Answer>): Promise<Answer>;
  /** Throws `provider.circuit-open` when `run` would. */
  refuseIfOpen(): void;
  /** Throws it as long as calls would be on trial, too. */
  refuseUnlessClosed(): void;
  readonly isClosed: boolean;
  /** Whether it was open for its whole time and waits for calls on trial. */
  readonly awaitsTrial: boolean;
}

/** Switched off: every call goes through. */
export const NO_BREAKER: CircuitBreaker = {
  run: (call) => call(),
  refuseIfOpen: () => undefined,
  refuseUnlessClosed: () => undefined,
  isClosed: true,
  awaitsTrial: false,
};

/**
 * A breaker over cockatiel's, on our clock. `onChange` is called before the call that caused it ends. It goes on
 * from failures that were `before`: enough of them have opened it at the last one.
 */
export function openBreaker(
  limits: BreakerLimits,
  clock: Clock,
  onChange: (change: BreakerChange) => void,
  before: FailureStreak | null = null,
): CircuitBreaker {
  let failureCount = before?.failures ?? 0;
  let reason = before?.reason ?? null;
  // The clock of who recorded it may be ahead of ours.
  const sinceLastMs = Math.max(0, clock.nowMs() - (before?.lastAt ?? 0));
  let openedAtMs = clock.elapsedMs() - sinceLastMs;
  const remainingMs = () => openedAtMs + limits.openMs - clock.elapsedMs();
  const policy = circuitBreaker(handleWhen(isProviderFault), {
    breaker: new ConsecutiveBreaker(limits.failures),
    initialState: standingAfter(failureCount, limits),
    halfOpenAfter: { next: () => waitOf(remainingMs) },
    halfOpenSampling: { calls: limits.successes, threshold: 0 },
  });
  const changed = (change: BreakerChange["change"], recovers = false) => {
    const happenedAt = clock.nowMs();
    const autoRecoveryAt = recovers ? happenedAt + limits.openMs : null;
    onChange({ change, failureCount, reason, happenedAt, autoRecoveryAt });
  };
  policy.onFailure(({ handled, reason: failure }) => {
    if (!handled) return;
    failureCount += 1;
    const error = "error" in failure ? failure.error : null;
    reason = error instanceof ProviderError ? error.code : "unknown";
  });
  policy.onSuccess(() => {
    if (policy.state === CircuitState.Closed) failureCount = 0;
  });
  policy.onBreak(() => {
    openedAtMs = clock.elapsedMs();
    changed("OPENED", true);
  });
  policy.onHalfOpen(() => changed("HALF_OPENED"));
  policy.onReset(() => {
    failureCount = 0;
    reason = null;
    changed("CLOSED");
  });
  const refusal = (options?: ErrorOptions) => {
    const retryAfterMs = Math.max(0, remainingMs());
    const message = `not asked after ${failureCount} failures in a row (${reason})`;
    return new ProviderError("provider.circuit-open", message, { retryAfterMs }, options);
  };
  return {
    run: async (call) => {
      try {
        return await policy.execute(call);
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw refusal({ cause: error });
        throw error;
      }
    },
    refuseIfOpen: () => {
      if (policy.state === CircuitState.Open && remainingMs() > 0) throw refusal();
    },
    refuseUnlessClosed: () => {
      if (policy.state !== CircuitState.Closed) throw refusal();
    },
    get isClosed() {
      return policy.state === CircuitState.Closed;
    },
    get awaitsTrial() {
      return policy.state !== CircuitState.Closed && remainingMs() <= 0;
    },
  };
}

/** As cockatiel writes down a breaker: whether it was opened, and its failures in a row. */
function standingAfter(failures: number, limits: BreakerLimits): object {
  const isOpen = failures >= limits.failures;
  const open = { value: CircuitState.Open, openedAt: Date.now(), attemptNo: 1 };
  return { ownState: isOpen ? open : { value: CircuitState.Closed }, breakerState: failures };
}

/**
 * cockatiel compares `Date.now()` with the duration of the wait; a duration that is endless until our
 * clock says so puts it on our clock, which does not jump.
 */
function waitOf(remainingMs: () => number) {
  return {
    get duration() {
      return remainingMs() > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    },
    next: () => waitOf(remainingMs),
  };
}
