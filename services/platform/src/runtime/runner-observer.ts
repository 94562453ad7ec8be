import type { Append } from "../log/port.ts";
import type { RunnerCounts } from "./runner-counts.ts";

/** One commit of one partition of a subtopology, as it was acknowledged. */
export interface CommittedBatch {
  readonly subtopology: string;
  readonly partition: number;
  /** Input records taken, ticks among them. */
  readonly records: number;
  /** Of this batch alone. */
  readonly counts: Readonly<RunnerCounts>;
  /** What was appended: emissions, dead letters and stage timings. */
  readonly appends: readonly Append[];
  /** Span id of what each appended event follows from, by event id; empty unless they are traced. */
  readonly parents: ReadonlyMap<string, string>;
  /** When the log took the newest tick of the batch, ms since 1970; null where there is no clock. */
  readonly closedAtMs: number | null;
  /** From the first read to the acknowledgement, ms. */
  readonly batchMs: number;
  /** From the request to the acknowledgement, ms. */
  readonly commitMs: number;
}

/**
 * Sees what a runner has committed, after the fact and without a say: it must neither throw nor
 * keep the batch.
 */
export interface RunnerObserver {
  committed(batch: CommittedBatch): void;
  /** Set where `parents` are wanted. */
  readonly tracesParents?: boolean;
}

/** One observer that tells several. */
export function allObservers(observers: readonly RunnerObserver[]): RunnerObserver {
  return {
    tracesParents: observers.some(({ tracesParents }) => tracesParents === true),
    committed: (batch) => {
      for (const observer of observers) observer.committed(batch);
    },
  };
}
