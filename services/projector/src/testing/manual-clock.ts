import { setImmediate } from "node:timers/promises";
import type { ProjectorClock } from "../clock.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** Time that stands still until the test moves it: an hour of outage takes no longer than its tries. */
export class ManualClock implements ProjectorClock {
  readonly #sleepers = new Set<Sleeper>();
  #nowMs = 0;

  get sleepers(): number {
    return this.#sleepers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const sleeper = { untilMs: this.#nowMs + ms, wake };
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", wake, { once: true });
    return promise.finally(() => {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", wake);
    });
  }

  /** Resolves when so many sleep: nothing else is going on then. */
  async asleep(count: number): Promise<void> {
    while (this.#sleepers.size < count) await setImmediate();
  }

  /** Moves on and wakes whose time has come. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    await setImmediate();
  }

  /** Moves on to the first sleeper's time. */
  async passToNext(): Promise<void> {
    const times = [...this.#sleepers].map(({ untilMs }) => untilMs);
    if (times.length > 0) await this.pass(Math.max(0, Math.min(...times) - this.#nowMs));
  }
}
