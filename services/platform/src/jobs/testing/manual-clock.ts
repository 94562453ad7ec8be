import { setImmediate } from "node:timers/promises";
import type { WaitingClock } from "../../http/waiting-clock.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** Time of the day that stands still until the test moves it, and wakes whoever sleeps until then. */
export class ManualClock implements WaitingClock {
  readonly #sleepers = new Set<Sleeper>();
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  readonly nowMs = (): number => this.#nowMs;
  readonly elapsedMs = (): number => this.#nowMs;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const sleeper = { untilMs: this.#nowMs + ms, wake };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", wake, { once: true });
    await promise;
    this.#sleepers.delete(sleeper);
    signal?.removeEventListener("abort", wake);
  };

  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Resolves when so many sleep: nothing else is going on then. */
  async asleep(count: number): Promise<void> {
    while (this.#sleepers.size < count) await setImmediate();
  }

  /** Sets the time without anybody noticing, as a correction of a machine's clock does. */
  jumpTo(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Lets time pass and wakes whose time has come. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    await setImmediate();
  }
}
