import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { type EndedAttempt, JobMetrics } from "./job-metrics.ts";

/** Lines of /metrics about attempts that have ended so. */
async function shown(...attempts: readonly Partial<EndedAttempt>[]): Promise<string> {
  const registry = new Registry();
  const metrics = new JobMetrics(registry);
  const counted = { outcome: { processed: 21_000 } };
  const collection = {
    ...{ job: "collect-short-interest-data", durationMs: 62_000, retryAt: null, ...counted },
  };
  for (const attempt of attempts) metrics.ended({ ...collection, state: "SUCCEEDED", ...attempt });
  return await registry.metrics();
}

describe("metrics of jobs (R-MET-03)", () => {
  it("count runs by how they end: an attempt that is tried again has not failed", async () => {
    const text = await shown({}, { state: "FAILED" }, { state: "FAILED", retryAt: 1 });
    const job = 'job="collect-short-interest-data"';
    for (const state of ["succeeded", "failed", "retried"]) {
      expect(text).toContain(`amc_job_runs_total{${job},state="${state}"} 1\n`);
    }
    const type = 'job_type="data_collection"';
    expect(text).toContain(`amc_short_interest_jobs_total{${type},status="completed"} 1\n`);
    expect(text).toContain(`amc_short_interest_jobs_total{${type},status="failed"} 1\n`);
    expect(text).toContain(`amc_short_interest_job_duration_seconds_count{${type}} 3\n`);
    expect(text).toContain(`amc_job_duration_seconds_sum{${job}} 186\n`);
    // R-MET-01: of the one that succeeded.
    expect(text).toContain(`amc_short_interest_symbols_processed_total{${type}} 21000\n`);
  });

  it("show checks of the schedule that succeeded, and 0 before any was given up", async () => {
    const text = await shown({ job: "check-finra-schedule" }, { job: "check-finra-schedule" });
    expect(text).toContain("amc_finra_schedule_check_success_total 2\n");
    const failed = 'amc_short_interest_jobs_total{job_type="schedule_check",status="failed"} 0\n';
    expect(text).toContain(failed);
  });

  it("leave a run that was skipped without an attempt out of durations, and other jobs out of short interest", async () => {
    const skipped = { state: "SKIPPED", durationMs: null } as const;
    const text = await shown(skipped, { job: "data_cleanup" });
    expect(text).toContain('state="skipped"} 1\n');
    expect(text).not.toContain('amc_job_duration_seconds_count{job="collect-short-interest-data"}');
    expect(text).not.toMatch(/amc_short_interest_jobs_total\{.*\} [1-9]/);
  });

  it("R-MET-01: show the quality that a run found in a histogram, and what is wrong with data, 0 before", async () => {
    const registry = new Registry();
    const metrics = new JobMetrics(registry);
    expect(await registry.metrics()).toContain('amc_data_problems_total{kind="prices-stale"} 0\n');
    metrics.qualities([0.74, 0.75, 0.98]);
    metrics.dataProblem("prices-stale");
    const text = await registry.metrics();
    for (const [le, count] of [
      ["0.7", 0],
      ["0.75", 2],
      ["0.95", 2],
      ["1", 3],
    ]) {
      expect(text).toContain(`amc_short_interest_data_quality_score_bucket{le="${le}"} ${count}\n`);
    }
    expect(text).toContain('amc_data_problems_total{kind="prices-stale"} 1\n');
  });

  it("R-MET-10: count anomalies of hours by what was measured, 0 before", async () => {
    const registry = new Registry();
    const metrics = new JobMetrics(registry);
    metrics.hourAnomaly("provider.failures");
    const text = await registry.metrics();
    expect(text).toContain('amc_hour_anomalies_total{metric="provider.failures"} 1\n');
    expect(text).toContain('amc_hour_anomalies_total{metric="provider.calls"} 0\n');
  });
});
