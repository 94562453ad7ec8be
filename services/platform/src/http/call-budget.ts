import type { CallWindow } from "./call-windows.ts";
import { ProviderError } from "./provider-error.ts";
import type { WaitingClock } from "./waiting-clock.ts";

/**
 * What all jobs of one provider may send together. Callers wait their turn, first come first served,
 * and are never dropped unless the wait is longer than anybody would wait.
 */
export class CallBudget {
  readonly #windows: readonly CallWindow[];
  readonly #clock: WaitingClock;
  readonly #maxWaitMs: number;
  /** No call before this, `elapsedMs`: what a provider asked for with Retry-After. */
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** Resolves when a call that is under way has ended. */
  #anEnd = Promise.withResolvers<void>();

  constructor(windows: readonly CallWindow[], clock: WaitingClock, maxWaitMs: number) {
    this.#windows = windows;
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
  }

  /**
   * Resolves when one call may be sent, which then counts, with who is to be told when it has ended. Throws
   * `provider.budget-spent` when that is further away than the longest wait, `provider.aborted` when the
   * caller gives up.
   */
  take(signal?: AbortSignal): Promise<() => void> {
    const turn = this.#lastTurn.then(() => this.#takeNext(signal));
    this.#lastTurn = turn.then(ignore, ignore);
    return turn;
  }

  /** Ms until the next call may be sent; 0 means now, infinity when another one has ended. */
  waitMs(): number {
    const now = this.#clock.elapsedMs();
    const held = Math.max(0, this.#heldUntilMs - now);
    return this.#windows.reduce((wait, window) => Math.max(wait, window.waitMs(now)), held);
  }

  /** Nobody calls for this long. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.elapsedMs() + ms);
  }

  /** Counts calls made before this process began, given by the instants of their ends, UTC ms. */
  restore(instantsMs: readonly number[]): void {
    const offset = this.#clock.elapsedMs() - this.#clock.nowMs();
    for (const instant of instantsMs.toSorted((a, b) => a - b)) {
      for (const window of this.#windows) {
        window.begin();
        window.end(instant + offset);
      }
    }
  }

  async #takeNext(signal: AbortSignal | undefined): Promise<() => void> {
    for (let wait = this.waitMs(); wait > 0; wait = this.waitMs()) {
      // Each call has a deadline, so one of them ends.
      if (wait === Number.POSITIVE_INFINITY) {
        await this.#anEnd.promise;
        continue;
      }
      if (wait > this.#maxWaitMs) {
        const message = `the next call is allowed in ${Math.ceil(wait / 1000)} s`;
        throw new ProviderError("provider.budget-spent", message, { retryAfterMs: wait });
      }
      await this.#clock.sleep(wait, signal);
    }
    if (signal?.aborted === true) throw new ProviderError("provider.aborted", "the caller gave up");
    for (const window of this.#windows) window.begin();
    return () => this.#ended();
  }

  #ended(): void {
    const now = this.#clock.elapsedMs();
    for (const window of this.#windows) window.end(now);
    const { resolve } = this.#anEnd;
    this.#anEnd = Promise.withResolvers();
    resolve();
  }
}

function ignore(): void {
  // A turn that failed is its own caller's business; the next one comes all the same.
}
