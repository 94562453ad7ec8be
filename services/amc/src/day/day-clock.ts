import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Activity } from "./activity.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/**
 * Time that passes when everybody waits for it, and then at once: from the end of one wait to the end of
 * the next. Who waits is woken alone, the first to fall asleep first, and does what it has to before
 * the next one is.
 */
export class DayClock implements WaitingClock {
  readonly #activity: Activity;
  /** In the order in which they fell asleep. */
  readonly #sleepers = new Set<Sleeper>();
  #nowMs: number;

  constructor(startMs: number, activity: Activity) {
    this.#nowMs = startMs;
    this.#activity = activity;
  }

  // A machine's clock tells whole milliseconds; waits have jitter.
  readonly nowMs = (): number => Math.floor(this.#nowMs);
  readonly elapsedMs = (): number => this.#nowMs;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted === true) return;
    const { promise, resolve: wake } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { untilMs: this.#nowMs + Math.max(0, ms), wake: () => wake() };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", sleeper.wake, { once: true });
    await promise;
    this.#sleepers.delete(sleeper);
    signal?.removeEventListener("abort", sleeper.wake);
  };

  /** Lets time pass to an instant, UTC ms; what is due by then is done when it resolves. */
  async passTo(untilMs: number): Promise<void> {
    await this.#wake((next) => next !== null && next.untilMs <= untilMs);
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Lets as much time pass as some work waits for, and resolves or rejects as that does. */
  async passUntil<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    const [result] = await Promise.all([over, this.#wake(() => !isOver)]);
    return result;
  }

  async #wake(isWanted: (next: Sleeper | null) => boolean): Promise<void> {
    for (;;) {
      await this.#activity.quiet();
      const next = this.#next();
      if (!isWanted(next)) return;
      if (next === null) throw new Error("the day does not go on: nobody waits for time to pass");
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      this.#sleepers.delete(next);
      next.wake();
    }
  }

  #next(): Sleeper | null {
    let next: Sleeper | null = null;
    for (const sleeper of this.#sleepers) {
      if (next === null || sleeper.untilMs < next.untilMs) next = sleeper;
    }
    return next;
  }
}
