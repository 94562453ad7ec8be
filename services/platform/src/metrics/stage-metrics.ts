import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { CommittedBatch, RunnerObserver } from "../runtime/runner-observer.ts";
import { BATCH_RECORDS, COMMIT_SECONDS, LATENCY_SECONDS } from "./buckets.ts";
import type { DeadLetterCounter } from "./dead-letter-counter.ts";

const UNIT = ["subtopology", "partition"] as const;
type Unit = (typeof UNIT)[number];

/** What stages did, measured by the runtime around them: a stage never measures itself. */
export class StageMetrics implements RunnerObserver {
  readonly #nowMs: () => number;
  readonly #records: Counter<Unit>;
  readonly #bytes: Counter<Unit>;
  readonly #emitted: Counter<Unit>;
  readonly #emittedBytes: Counter<Unit>;
  readonly #skipped: Counter<"subtopology" | "reason">;
  readonly #late: Counter<Unit>;
  readonly #deadLetters: DeadLetterCounter;
  readonly #batchRecords: Histogram<"subtopology">;
  readonly #batchSeconds: Histogram<"subtopology">;
  readonly #commitSeconds: Histogram<"subtopology">;
  readonly #closeSeconds: Histogram<"subtopology">;
  readonly #lastCommit: Gauge<Unit>;

  constructor(registry: Registry, deadLetters: DeadLetterCounter, nowMs: () => number) {
    const counter = countersOf(registry);
    const histogram = histogramsOf(registry);
    this.#nowMs = nowMs;
    this.#deadLetters = deadLetters;
    this.#records = counter(
      "amc_stage_records_total",
      "Input records taken, ticks among them",
      UNIT,
    );
    this.#bytes = counter("amc_stage_bytes_total", "Bytes of the values of input facts", UNIT);
    this.#emitted = counter("amc_stage_emitted_records_total", "Records appended", UNIT);
    this.#emittedBytes = counter(
      "amc_stage_emitted_bytes_total",
      "Bytes of the values of records appended",
      UNIT,
    );
    this.#skipped = counter("amc_stage_skipped_total", "Facts skipped, by reason", [
      "subtopology",
      "reason",
    ]);
    this.#late = counter(
      "amc_stage_late_total",
      "Facts that came behind the cut of their tick",
      UNIT,
    );
    this.#batchRecords = histogram("amc_stage_batch_records", "Input records of one commit", [
      ...BATCH_RECORDS,
    ]);
    this.#batchSeconds = histogram(
      "amc_stage_batch_seconds",
      "From the first read of a batch to its acknowledged commit",
      [...COMMIT_SECONDS],
    );
    this.#commitSeconds = histogram(
      "amc_stage_commit_seconds",
      "From the request of a commit to its acknowledgement",
      [...COMMIT_SECONDS],
    );
    this.#closeSeconds = histogram(
      "amc_slice_close_seconds",
      "From a tick in the log to the commit of what follows from its slice",
      [...LATENCY_SECONDS],
    );
    this.#lastCommit = new Gauge({
      name: "amc_stage_last_commit_timestamp_seconds",
      help: "When the newest commit was acknowledged, seconds since 1970",
      labelNames: UNIT,
      registers: [registry],
    });
  }

  committed(batch: CommittedBatch): void {
    const { subtopology, counts, appends, closedAtMs } = batch;
    const unit = { subtopology, partition: String(batch.partition) };
    const nowMs = this.#nowMs();
    this.#records.inc(unit, batch.records);
    this.#bytes.inc(unit, counts.bytes);
    this.#emitted.inc(unit, appends.length);
    let bytes = 0;
    for (const { value } of appends) bytes += value?.length ?? 0;
    this.#emittedBytes.inc(unit, bytes);
    this.#late.inc(unit, counts.late);
    for (const [reason, count] of counts.skipped) this.#skipped.inc({ subtopology, reason }, count);
    for (const [code, count] of counts.refusals) {
      this.#deadLetters.inc({ stage: subtopology, code }, count);
    }
    this.#batchRecords.observe({ subtopology }, batch.records);
    this.#batchSeconds.observe({ subtopology }, batch.batchMs / 1000);
    this.#commitSeconds.observe({ subtopology }, batch.commitMs / 1000);
    if (closedAtMs !== null) {
      this.#closeSeconds.observe({ subtopology }, Math.max(0, nowMs - closedAtMs) / 1000);
    }
    this.#lastCommit.set(unit, nowMs / 1000);
  }
}

function countersOf(registry: Registry) {
  return <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
}

function histogramsOf(registry: Registry) {
  return (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, labelNames: ["subtopology"], buckets, registers: [registry] });
}
