import { setImmediate, setTimeout } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";
import { Failing } from "@amc/platform/runtime/failing";
import { classifyFailure } from "@amc/platform/runtime/failure";
import { newCounts, type RunnerCounts } from "@amc/platform/runtime/runner-counts";
import type { RunnerObserver } from "@amc/platform/runtime/runner-observer";
import { type BatchLimits, StageRunner } from "@amc/platform/runtime/stage-runner";
import { Watchdog } from "@amc/platform/runtime/watchdog";
import type { Subtopology } from "@amc/streams/kernel/stage";

/** Waits between tries of a transient failure: doubled each time, capped, with full jitter. */
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** How often a waiting partition is looked at by its watchdog. */
const WATCH_EVERY_MS = 5_000;

export interface ProcessorFailure {
  readonly subtopology: string;
  readonly partition: number;
  readonly error: unknown;
  /** ms until the next try; null when there is none. */
  readonly retryInMs: number | null;
}

export interface PartitionLoopOptions {
  readonly log: Log;
  readonly subtopology: Subtopology;
  readonly partition: number;
  readonly batch?: BatchLimits;
  /** Monotonic ms. */
  readonly now?: () => number;
  /** Told of every commit. */
  readonly observer?: RunnerObserver | undefined;
  readonly onFailure?: (failure: ProcessorFailure) => void;
}

/** Runs one subtopology on one partition for as long as it is wanted, through failures that pass. */
export class PartitionLoop {
  readonly counts: RunnerCounts = newCounts();
  readonly #options: PartitionLoopOptions;
  readonly #now: () => number;
  readonly #watchdog: Watchdog;
  #runner: StageRunner | null = null;
  /** After an indefinite failure the state in memory may be ahead of the committed one. */
  #isInDoubt = false;

  constructor(options: PartitionLoopOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#watchdog = new Watchdog(this.#now);
  }

  get subtopology(): Subtopology {
    return this.#options.subtopology;
  }

  get partition(): number {
    return this.#options.partition;
  }

  /** Whether positions and state are restored and the partition is held. */
  get isOpen(): boolean {
    return this.#runner !== null && !this.#isInDoubt;
  }

  /** Null before the partition was opened for the first time. */
  get runner(): StageRunner | null {
    return this.#runner;
  }

  /** Takes the partition over and restores positions and state; fences any earlier owner. */
  async open(signal?: AbortSignal): Promise<StageRunner> {
    const { log, subtopology, partition, batch, now, observer } = this.#options;
    const options = {
      ...{ log, subtopology, partition, counts: this.counts },
      ...(batch === undefined ? {} : { batch }),
      ...(now === undefined ? {} : { now }),
      ...(observer === undefined ? {} : { observer }),
      // A batch has a bounded number of reads, and each may have waited for what judges its records.
      onRead: () => this.#watchdog.progressed(),
    };
    const runner = await StageRunner.open(options, signal);
    this.#runner = runner;
    this.#isInDoubt = false;
    return runner;
  }

  async runUntilIdle(): Promise<number> {
    return (await this.#opened()).runUntilIdle();
  }

  /** Input records not yet taken. */
  async lag(): Promise<number> {
    return (await this.#runner?.lag()) ?? 0;
  }

  /**
   * Runs until `signal` aborts, then finishes the batch in hand, or leaves it to whoever comes next
   * where it waits for records that the log does not show yet; a partition that is just being taken over
   * is left to them as well. Rejects with what is fatal, and with
   * `runtime.stalled` when a batch neither ends nor fails, or only fails, for a minute.
   */
  async run(signal: AbortSignal): Promise<void> {
    const failing = new Failing(this.#now);
    this.#watchdog.progressed();
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#step(signal);
        failing.succeeded();
        failures = 0;
      } catch (error) {
        this.#isInDoubt = true;
        if (signal.aborted && isEndOf(signal, error)) return;
        failures += 1;
        await this.#wait(this.#endOf(error, failing), failures, signal);
      }
    }
  }

  /** The failure itself while the work may be tried again; otherwise throws what ends it. */
  #endOf(error: unknown, failing: Failing): unknown {
    const isTransient = classifyFailure(error) === "transient";
    const stall = isTransient ? failing.stallOf(error, this.#runner?.describe() ?? {}) : null;
    if (isTransient && stall === null) return error;
    this.#report(stall ?? error, null);
    throw stall ?? error;
  }

  async #wait(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const capMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
    const retryInMs = Math.ceil(Math.random() * capMs);
    this.#report(error, retryInMs);
    await setTimeout(retryInMs, undefined, { signal }).catch(swallowAbort);
    // Each try has a minute of its own; that tries only fail is for `Failing` to see.
    this.#watchdog.progressed();
  }

  /** One batch, or the wait for one. */
  async #step(signal: AbortSignal): Promise<void> {
    const watchdog = this.#watchdog;
    const runner = await this.#opened(signal);
    const taken = await withStallCheck(runner, watchdog, runner.runOnce(signal));
    watchdog.progressed();
    if (taken > 0) {
      // One turn of the event loop per commit keeps HTTP and timers alive under a backlog.
      await setImmediate();
      return;
    }
    await runner.waitForInput(signal);
    // Time spent idle is no stall: the mark is set when there is work again.
    watchdog.progressed();
  }

  async #opened(signal?: AbortSignal): Promise<StageRunner> {
    return this.#runner === null || this.#isInDoubt ? await this.open(signal) : this.#runner;
  }

  #report(error: unknown, retryInMs: number | null): void {
    const { subtopology, partition, onFailure } = this.#options;
    onFailure?.({ subtopology: subtopology.name, partition, error, retryInMs });
  }
}

/** Rejects with `runtime.stalled` when a batch neither ends nor fails. */
async function withStallCheck(
  runner: StageRunner,
  watchdog: Watchdog,
  batch: Promise<number>,
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, rejectStall) => {
    timer = setInterval(() => {
      const stall = watchdog.stallOf({ behind: true, facts: runner.describe() });
      if (stall !== null) rejectStall(stall);
    }, WATCH_EVERY_MS);
  });
  try {
    return await Promise.race([batch, stalled]);
  } finally {
    clearInterval(timer);
  }
}

function swallowAbort(error: unknown): void {
  if (!isAbort(error)) throw error;
}

function isEndOf(signal: AbortSignal, error: unknown): boolean {
  return error === signal.reason || isAbort(error);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
