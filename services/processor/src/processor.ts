import { setImmediate, setTimeout } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";
import { classifyFailure } from "@amc/platform/runtime/failure";
import { partitioningInput } from "@amc/platform/runtime/inputs";
import { addCounts, newCounts, type RunnerCounts } from "@amc/platform/runtime/runner-counts";
import type { RunnerObserver } from "@amc/platform/runtime/runner-observer";
import {
  type BatchLimits,
  StageRunner,
  type StageRunnerOptions,
} from "@amc/platform/runtime/stage-runner";
import { Watchdog } from "@amc/platform/runtime/watchdog";
import type { Subtopology } from "@amc/streams/kernel/stage";

/** Waits between tries of a transient failure: doubled each time, capped, with full jitter. */
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** How often a waiting partition is looked at by its watchdog. */
const WATCH_EVERY_MS = 5_000;

export interface ProcessorOptions {
  readonly log: Log;
  readonly topology: readonly Subtopology[];
  readonly batch?: BatchLimits;
  /** Monotonic ms. */
  readonly now?: () => number;
  /** Told of every commit of every partition. */
  readonly observer?: RunnerObserver | undefined;
  readonly onFailure?: (failure: ProcessorFailure) => void;
}

export interface ProcessorFailure {
  readonly subtopology: string;
  readonly partition: number;
  readonly error: unknown;
  /** ms until the next try; null when there is none. */
  readonly retryInMs: number | null;
}

/** Runs every subtopology on every partition of the log in this process. */
export class Processor {
  readonly #options: ProcessorOptions;
  #runners: StageRunner[];

  private constructor(options: ProcessorOptions, runners: StageRunner[]) {
    this.#options = options;
    this.#runners = runners;
  }

  static async open(options: ProcessorOptions): Promise<Processor> {
    const runners: StageRunner[] = [];
    for (const subtopology of options.topology) {
      const partitions = options.log.partitions(partitioningInput(subtopology));
      for (let partition = 0; partition < partitions; partition += 1) {
        runners.push(await StageRunner.open({ ...runnerOptions(options), subtopology, partition }));
      }
    }
    return new Processor(options, runners);
  }

  get runners(): readonly StageRunner[] {
    return this.#runners;
  }

  /** Runs in topology order until no stage has input left: what a replay and a test want. */
  async runUntilIdle(): Promise<number> {
    let total = 0;
    for (;;) {
      let taken = 0;
      for (const runner of this.#runners) taken += await runner.runUntilIdle();
      if (taken === 0) return total;
      total += taken;
    }
  }

  /**
   * Runs until `signal` aborts, then finishes the batch in hand and returns. Rejects with the first
   * fatal failure, after every other partition has stopped between two commits.
   */
  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const loops = this.#runners.map(async (_, index) => {
      try {
        await this.#runPartition(index, stop);
      } catch (error) {
        failed.abort();
        throw error;
      }
    });
    const results = await Promise.allSettled(loops);
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  /** Input records not yet taken, over all partitions. */
  async lag(): Promise<number> {
    let lag = 0;
    for (const runner of this.#runners) lag += await runner.lag();
    return lag;
  }

  counts(): RunnerCounts {
    const sum = newCounts();
    for (const { counts } of this.#runners) addCounts(sum, counts);
    return sum;
  }

  async #runPartition(index: number, signal: AbortSignal): Promise<void> {
    const now = this.#options.now ?? (() => performance.now());
    const watchdog = new Watchdog(now);
    let failures = 0;
    while (!signal.aborted) {
      const runner = this.#runnerAt(index);
      try {
        const taken = await withStallCheck(runner, watchdog, runner.runOnce());
        failures = 0;
        watchdog.progressed();
        if (taken === 0) {
          await runner.waitForInput(signal);
          // Time spent idle is no stall: the mark is set when there is work again.
          watchdog.progressed();
        } else {
          // One turn of the event loop per commit keeps HTTP and timers alive under a backlog.
          await setImmediate();
        }
      } catch (error) {
        if (classifyFailure(error) !== "transient") {
          this.#report(runner, error, null);
          throw error;
        }
        failures += 1;
        const capMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
        const retryInMs = Math.ceil(Math.random() * capMs);
        this.#report(runner, error, retryInMs);
        await setTimeout(retryInMs, undefined, { signal }).catch(swallowAbort);
        await this.#reopen(index);
      }
    }
  }

  /** After an indefinite failure the state in memory may be ahead: read the committed one again. */
  async #reopen(index: number): Promise<void> {
    const { subtopology, partition, counts } = this.#runnerAt(index);
    this.#runners[index] = await StageRunner.open({
      ...runnerOptions(this.#options),
      subtopology,
      partition,
      counts,
    });
  }

  #runnerAt(index: number): StageRunner {
    const runner = this.#runners[index];
    if (runner === undefined) throw new RangeError(`no runner ${index}`);
    return runner;
  }

  #report(runner: StageRunner, error: unknown, retryInMs: number | null): void {
    const { subtopology, partition } = runner;
    this.#options.onFailure?.({ subtopology: subtopology.name, partition, error, retryInMs });
  }
}

function runnerOptions({
  log,
  batch,
  now,
  observer,
}: ProcessorOptions): Pick<StageRunnerOptions, "log" | "batch" | "now" | "observer"> {
  return {
    log,
    ...(batch === undefined ? {} : { batch }),
    ...(now === undefined ? {} : { now }),
    ...(observer === undefined ? {} : { observer }),
  };
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
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
