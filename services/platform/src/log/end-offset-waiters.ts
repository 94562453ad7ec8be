import type { LogError } from "./errors.ts";

interface Waiter {
  readonly offset: number;
  readonly settle: (error?: LogError) => void;
}

/** Readers waiting for one partition to grow. */
export class EndOffsetWaiters {
  readonly #waiters = new Set<Waiter>();

  wait(offset: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        offset,
        settle: (error) => {
          this.#waiters.delete(waiter);
          signal.removeEventListener("abort", abort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const abort = () => waiter.settle();
      signal.addEventListener("abort", abort);
      this.#waiters.add(waiter);
    });
  }

  /** Wakes those whose record has come. */
  advance(endOffset: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.offset < endOffset) waiter.settle();
    }
  }

  /** Wakes all: nothing will come any more. */
  fail(error: LogError): void {
    for (const waiter of this.#waiters) waiter.settle(error);
  }
}
