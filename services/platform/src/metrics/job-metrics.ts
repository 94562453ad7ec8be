import {
  SHORT_INTEREST_JOB_TYPES,
  shortInterestJobType,
} from "@amc/streams/jobs/short-interest-jobs";
import { Counter, Histogram, type Registry } from "prom-client";
import { JOB_SECONDS } from "./buckets.ts";

type JobLabel = "job" | "state";
type TypeLabel = "job_type" | "status";

/** One attempt at a run that is over, or a run that was skipped. */
export interface EndedAttempt {
  readonly job: string;
  readonly state: "SUCCEEDED" | "FAILED" | "SKIPPED";
  /** Null where there was no attempt. */
  readonly durationMs: number | null;
  /** Null where there is no other attempt. */
  readonly retryAt: number | null;
  /** What a run that succeeded counted; null where it counted nothing. */
  readonly outcome: { readonly processed: number } | { readonly skipped: string } | null;
}

/** What this process has done of the scheduled jobs; those of short interest under the documents' names. */
export class JobMetrics {
  readonly #runs: Counter<JobLabel>;
  readonly #duration: Histogram<"job">;
  readonly #shortInterestRuns: Counter<TypeLabel>;
  readonly #shortInterestDuration: Histogram<"job_type">;
  readonly #shortInterestSymbols: Counter<"job_type">;
  readonly #scheduleChecks: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#runs = new Counter({
      ...{ name: "amc_job_runs_total", labelNames: ["job", "state"] as const, registers },
      help: "Attempts at runs of scheduled jobs by their end: succeeded, retried, failed (given up), skipped",
    });
    this.#duration = new Histogram({
      ...{ name: "amc_job_duration_seconds", labelNames: ["job"] as const, registers },
      help: "From the beginning of an attempt to its end",
      buckets: [...JOB_SECONDS],
    });
    // R-MET-03: the documents' names, under the prefix of ours instead of celery's.
    this.#shortInterestRuns = new Counter({
      ...{ name: "amc_short_interest_jobs_total", labelNames: ["job_type", "status"] as const },
      help: "Runs of the jobs of short interest that are over, by what they are for: completed, failed",
      registers,
    });
    this.#shortInterestDuration = new Histogram({
      ...{ name: "amc_short_interest_job_duration_seconds", labelNames: ["job_type"] as const },
      help: "From the beginning of an attempt of theirs to its end",
      ...{ buckets: [...JOB_SECONDS], registers },
    });
    this.#shortInterestSymbols = new Counter({
      ...{ name: "amc_short_interest_symbols_processed_total", labelNames: ["job_type"] as const },
      help: "Symbols, dates or periods that runs of theirs which succeeded have gone through",
      registers,
    });
    this.#scheduleChecks = new Counter({
      ...{ name: "amc_finra_schedule_check_success_total", registers },
      help: "Checks of FINRA's schedule that found it and found it to be the calendar's",
    });
    // What was never counted is 0 and not absent: an alert sees the first failure, not the second.
    for (const type of SHORT_INTEREST_JOB_TYPES) {
      for (const status of ["completed", "failed"]) {
        this.#shortInterestRuns.inc({ job_type: type, status }, 0);
      }
    }
  }

  ended({ job, state, durationMs, retryAt, outcome }: EndedAttempt): void {
    const end = state === "FAILED" && retryAt !== null ? "retried" : state.toLowerCase();
    this.#runs.inc({ job, state: end });
    if (durationMs !== null) this.#duration.observe({ job }, durationMs / 1_000);
    const type = shortInterestJobType(job);
    if (type === null || durationMs === null) return;
    this.#shortInterestDuration.observe({ job_type: type }, durationMs / 1_000);
    if (end === "succeeded") {
      this.#shortInterestRuns.inc({ job_type: type, status: "completed" });
      const processed = outcome !== null && "processed" in outcome ? outcome.processed : 0;
      this.#shortInterestSymbols.inc({ job_type: type }, processed);
      if (type === "schedule_check") this.#scheduleChecks.inc();
    } else if (end === "failed") {
      this.#shortInterestRuns.inc({ job_type: type, status: "failed" });
    }
  }
}
