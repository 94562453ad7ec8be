import type { Log } from "@amc/platform/log/port";
import { partitioningInput } from "@amc/platform/runtime/inputs";
import { addCounts, newCounts, type RunnerCounts } from "@amc/platform/runtime/runner-counts";
import type { RunnerObserver } from "@amc/platform/runtime/runner-observer";
import type { BatchLimits, StageRunner } from "@amc/platform/runtime/stage-runner";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { PartitionLoop, type ProcessorFailure } from "./partition-loop.ts";

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

/** Runs every subtopology on every partition of the log in this process. */
export class Processor {
  readonly #loops: readonly PartitionLoop[];

  private constructor(loops: readonly PartitionLoop[]) {
    this.#loops = loops;
  }

  static async open({ topology, ...options }: ProcessorOptions): Promise<Processor> {
    const loops: PartitionLoop[] = [];
    for (const subtopology of topology) {
      const partitions = options.log.partitions(partitioningInput(subtopology));
      for (let partition = 0; partition < partitions; partition += 1) {
        const loop = new PartitionLoop({ ...options, subtopology, partition });
        await loop.open();
        loops.push(loop);
      }
    }
    return new Processor(loops);
  }

  get runners(): readonly StageRunner[] {
    return this.#loops.flatMap(({ runner }) => runner ?? []);
  }

  /** Runs in topology order until no stage has input left: what a replay and a test want. */
  async runUntilIdle(): Promise<number> {
    let total = 0;
    for (;;) {
      let taken = 0;
      for (const loop of this.#loops) taken += await loop.runUntilIdle();
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
    const runs = this.#loops.map(async (loop) => {
      try {
        await loop.run(stop);
      } catch (error) {
        failed.abort();
        throw error;
      }
    });
    for (const result of await Promise.allSettled(runs)) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  /** Input records not yet taken, over all partitions. */
  async lag(): Promise<number> {
    let lag = 0;
    for (const loop of this.#loops) lag += await loop.lag();
    return lag;
  }

  counts(): RunnerCounts {
    const sum = newCounts();
    for (const { counts } of this.#loops) addCounts(sum, counts);
    return sum;
  }
}
