import { Counter, Histogram, type Registry } from "prom-client";
import type { LogRecord } from "../log/port.ts";
import { BATCH_RECORDS, COMMIT_SECONDS, LATENCY_SECONDS } from "./buckets.ts";
import type { DeadLetterCounter } from "./dead-letter-counter.ts";

/** One transaction of one projection, as the database acknowledged it. */
export interface ProjectedBatch {
  readonly projection: string;
  /** The records behind the rows, partition by partition in log order. */
  readonly chunks: readonly { readonly records: readonly LogRecord[] }[];
  /** Codes of what was dead-lettered, one per record. */
  readonly refusals: readonly string[];
  /** From the request of the transaction to its acknowledgement, ms. */
  readonly commitMs: number;
}

/** Sees what a projection has committed, after the fact and without a say. */
export interface ProjectionObserver {
  committed(batch: ProjectedBatch): void;
  /** The work is tried again; `code` is the SQLSTATE or socket error. */
  retried(projection: string, code: string): void;
}

/** One observer that tells several. */
export function allProjectionObservers(
  observers: readonly ProjectionObserver[],
): ProjectionObserver {
  return {
    committed: (batch) => {
      for (const observer of observers) observer.committed(batch);
    },
    retried: (projection, code) => {
      for (const observer of observers) observer.retried(projection, code);
    },
  };
}

/** When the tick behind a record was written to the log, ms since 1970; null when nobody knows. */
export type TickLookup = (record: LogRecord) => Promise<number | null>;

/** What projections did, and how long a row took to become visible. */
export class ProjectionMetrics implements ProjectionObserver {
  readonly #nowMs: () => number;
  readonly #records: Counter<"projection">;
  readonly #bytes: Counter<"projection">;
  readonly #batchRecords: Histogram<"projection">;
  readonly #commitSeconds: Histogram<"projection">;
  readonly #visibleSeconds: Histogram<"since" | "topic">;
  readonly #retries: Counter<"projection" | "code">;
  readonly #deadLetters: DeadLetterCounter;
  #tickOf: TickLookup | null = null;
  #isLookingUp = false;

  constructor(registry: Registry, deadLetters: DeadLetterCounter, nowMs: () => number) {
    const registers = [registry];
    this.#deadLetters = deadLetters;
    this.#nowMs = nowMs;
    this.#records = new Counter({
      name: "amc_projector_records_total",
      help: "Records applied, skipped or dead-lettered",
      labelNames: ["projection"],
      registers,
    });
    this.#bytes = new Counter({
      name: "amc_projector_bytes_total",
      help: "Bytes of the values of those records",
      labelNames: ["projection"],
      registers,
    });
    this.#batchRecords = new Histogram({
      name: "amc_projector_batch_records",
      help: "Records of one transaction",
      labelNames: ["projection"],
      buckets: [...BATCH_RECORDS],
      registers,
    });
    this.#commitSeconds = new Histogram({
      name: "amc_projector_commit_seconds",
      help: "From the request of a transaction to its acknowledgement",
      labelNames: ["projection"],
      buckets: [...COMMIT_SECONDS],
      registers,
    });
    this.#retries = new Counter({
      name: "amc_projector_retries_total",
      help: "Transactions that are tried again, by SQLSTATE or socket error",
      labelNames: ["projection", "code"],
      registers,
    });
    // One record per topic and transaction, the one that has waited longest.
    this.#visibleSeconds = new Histogram({
      name: "amc_row_visible_seconds",
      help: "Until the row is visible, since tick_happened (event time: years in a replay), slice_closed (its tick was in the log) or event_appended",
      labelNames: ["since", "topic"],
      buckets: [...LATENCY_SECONDS],
      registers,
    });
  }

  /** Lets rows be timed from the tick that closed their slice. */
  findTicksBy(lookup: TickLookup): void {
    this.#tickOf = lookup;
  }

  committed({ projection, chunks, refusals, commitMs }: ProjectedBatch): void {
    const visibleMs = this.#nowMs();
    let records = 0;
    let bytes = 0;
    const oldest = new Map<string, LogRecord>();
    for (const chunk of chunks) {
      records += chunk.records.length;
      for (const { value } of chunk.records) bytes += value?.length ?? 0;
      const [first] = chunk.records;
      if (first === undefined) continue;
      const other = oldest.get(first.topic);
      if (other === undefined || first.appendedAtMs < other.appendedAtMs) {
        oldest.set(first.topic, first);
      }
    }
    this.#records.inc({ projection }, records);
    this.#bytes.inc({ projection }, bytes);
    this.#batchRecords.observe({ projection }, records);
    this.#commitSeconds.observe({ projection }, commitMs / 1000);
    for (const code of refusals) this.#deadLetters.inc({ stage: `projector/${projection}`, code });
    for (const [topic, record] of oldest) this.#observeVisible(topic, record, visibleMs);
  }

  retried(projection: string, code: string): void {
    this.#retries.inc({ projection, code });
  }

  #observeVisible(topic: string, record: LogRecord, visibleMs: number): void {
    const observe = (since: string, sinceMs: number): void =>
      this.#visibleSeconds.observe({ since, topic }, Math.max(0, visibleMs - sinceMs) / 1000);
    observe("event_appended", record.appendedAtMs);
    const happenedMs = Date.parse(record.headers.ce_time ?? "");
    if (!Number.isNaN(happenedMs)) observe("tick_happened", happenedMs);
    // A look-up reads the log: one at a time, so that a projection in a hurry is not slowed down.
    if (this.#tickOf === null || this.#isLookingUp) return;
    this.#isLookingUp = true;
    const found = this.#tickOf(record).then((closedMs) => {
      if (closedMs !== null) observe("slice_closed", closedMs);
    });
    // One that fails is a sample less; whoever needs the log hears of it there.
    void Promise.allSettled([found]).then(() => {
      this.#isLookingUp = false;
    });
  }
}
