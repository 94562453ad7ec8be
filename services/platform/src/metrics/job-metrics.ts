import { DATA_PROBLEM_KINDS, type DataProblem } from "@amc/streams/jobs/data-health";
import { HOUR_METRICS, type HourMetricName } from "@amc/streams/jobs/hour-metrics";
import {
  SHORT_INTEREST_JOB_TYPES,
  shortInterestJobType,
} from "@amc/streams/jobs/short-interest-jobs";
import { Counter, Histogram, type Registry } from "prom-client";
import { JOB_SECONDS } from "./buckets.ts";

type JobLabel = "job" | "state";
type TypeLabel = "job_type" | "status";

/** 0.75 is where scoring begins (SHORT_INTEREST_QUALITY_THRESHOLD). */
const QUALITY_SCORES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1] as const;

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
  readonly #qualities: Histogram;
  readonly #dataProblems: Counter<"kind">;
  readonly #anomalies: Counter<"metric">;

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
    // R-MET-01.
    this.#qualities = new Histogram({
      ...{ name: "amc_short_interest_data_quality_score", registers },
      help: "Overall quality of the newest figure of each symbol, as every run of validate-data-quality found it",
      buckets: [...QUALITY_SCORES],
    });
    this.#dataProblems = new Counter({
      ...{ name: "amc_data_problems_total", labelNames: ["kind"] as const, registers },
      help: "What runs of data_quality_health_check found wrong: prices-stale, provider-unreachable",
    });
    for (const kind of DATA_PROBLEM_KINDS) this.#dataProblems.inc({ kind }, 0);
    // R-MET-10.
    this.#anomalies = new Counter({
      ...{ name: "amc_hour_anomalies_total", labelNames: ["metric"] as const, registers },
      help: "Figures of hours that performance_metrics_aggregation found far from what such hours have",
    });
    for (const metric of HOUR_METRICS) this.#anomalies.inc({ metric }, 0);
    // What was never counted is 0 and not absent: an alert sees the first failure, not the second.
    for (const type of SHORT_INTEREST_JOB_TYPES) {
      for (const status of ["completed", "failed"]) {
        this.#shortInterestRuns.inc({ job_type: type, status }, 0);
      }
    }
  }

  /** Overall qualities, 0 to 1, that a run over all figures found. */
  qualities(scores: readonly number[]): void {
    for (const score of scores) this.#qualities.observe(score);
  }

  dataProblem(kind: DataProblem["kind"]): void {
    this.#dataProblems.inc({ kind });
  }

  hourAnomaly(metric: HourMetricName): void {
    this.#anomalies.inc({ metric });
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
