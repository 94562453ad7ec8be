import { loadConfig } from "@amc/platform/config/load-config";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { ManualClock } from "@amc/platform/jobs/testing/manual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { recordOf } from "@amc/projector/testing/log-of-events";
import { projectAll } from "@amc/projector/testing/projector-fixture";
import { LiveClock } from "@amc/scheduler/live-clock";
import { decodeEvent } from "@amc/schemas/codec";
import type { JobName } from "@amc/streams/jobs/job-table";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { features } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProjectorJobs } from "./projector-jobs.ts";

const at = (time: string) => newYorkToUtc("2025-09-03", time);
const never = new AbortController().signal;

describe("the jobs that look at data", () => {
  let database: TestDatabase;
  let log: Log;
  let metrics: ProcessMetrics;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = createMemoryLog(systemLayout(2), () => 0);
    metrics = new ProcessMetrics(() => at("11:00"));
    const clock = await LiveClock.open(log, { tickMs: 1_000, slotMinutes: 15 });
    await clock.publish(at("09:00"));
  });
  afterEach(() => database.drop());

  async function run(job: JobName, time: string, environment = {}): Promise<void> {
    await log.commit({ appends: [jobTick(job, at(time))] });
    const variables = loadConfig(environment);
    const clock = new ManualClock(at(time));
    const told = { log, metrics, clock, variables, logger: createLogger("fatal") };
    const telemetry = { written: () => undefined };
    const worker = await openProjectorJobs({ ...told, telemetry }, database.pool("projector"));
    await worker.workOff(never);
  }

  const insert = (text: string, values: readonly unknown[]) =>
    database.pool("projector").query(text, [...values]);
  const shown = async (name: string) =>
    (await metrics.registry.metrics()).split("\n").filter((line) => line.startsWith(name));

  async function judged(symbol: string, overall: number, known: { until?: Date; date?: string }) {
    await insert(
      `INSERT INTO short_interest_quality (symbol, reporting_date, data_source, overall_quality,
         created_at, is_leading, usable, usable_until)
       VALUES ($1, $2, 'finra', $3, $4, true, true, $5)`,
      [symbol, known.date ?? "2025-08-15", overall, new Date(at("09:00")), known.until ?? null],
    );
  }

  it("R-JOB-09, R-SI-15: validate the newest figure of each symbol; its run is a row with counts and the next run", async () => {
    await judged("GME", 0.2, { date: "2025-07-31" });
    await judged("GME", 0.9, {});
    await judged("AMC", 0.74, {});
    await judged("KOSS", 0.9, { until: new Date(at("10:59")) });
    await run("validate-data-quality", "11:00");
    await projectAll(database, log);
    const { rows } = await insert(
      `SELECT job_type, status, symbols_processed AS processed, symbols_successful AS successful,
         symbols_failed AS failed, next_run_at FROM short_interest_jobs`,
      [],
    );
    expect(rows).toEqual([
      {
        ...{ job_type: "quality_validation", status: "completed" },
        ...{ processed: 3, successful: 1, failed: 2 },
        // Wednesday to Monday.
        next_run_at: new Date(newYorkToUtc("2025-09-08", "11:00")),
      },
    ]);
    const [half, whole] = ['{le="0.7"} 0', '{le="0.9"} 3'];
    const lines = await shown("amc_short_interest_data_quality_score_bucket");
    for (const bucket of [half, whole]) {
      expect(lines).toContain(`amc_short_interest_data_quality_score_bucket${bucket}`);
    }
  });

  it("validate nothing where ENABLE_SHORT_INTEREST_VALIDATION is off", async () => {
    await run("validate-data-quality", "11:00", { ENABLE_SHORT_INTEREST_VALIDATION: "false" });
    await projectAll(database, log);
    expect((await insert("SELECT state FROM job_runs", [])).rows).toEqual([{ state: "SKIPPED" }]);
  });

  async function priced(time: string, symbol = "GME"): Promise<void> {
    await insert(
      `INSERT INTO prices_latest (symbol, event_id, happened_at, published_at, captured_at, simulated,
         source, kind, interval_ms, open, high, low, close, volume, volume_scope)
       VALUES ($2, gen_random_uuid(), $1, $1, $1, false, 'test', 'BAR', 60000, 1, 1, 1, 1, 1, 'CONSOLIDATED')`,
      [new Date(at(time)), symbol],
    );
  }

  it("R-JOB-17: find a stale feed and a provider that does not answer, which an alert counts", async () => {
    await priced("10:14");
    await insert(
      "INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp) VALUES ('yahoo', '/', false, $1)",
      [new Date(at("10:20"))],
    );
    await run("data_quality_health_check", "10:30");
    expect(await shown("amc_data_problems_total")).toEqual([
      'amc_data_problems_total{kind="prices-stale"} 1',
      'amc_data_problems_total{kind="provider-unreachable"} 1',
    ]);
    // The look itself went well.
    expect(await shown("amc_job_runs_total")).toEqual([
      'amc_job_runs_total{job="data_quality_health_check",state="succeeded"} 1',
    ]);
  });

  it("find nothing wrong with a fresh feed, answers of before, and what came after the look", async () => {
    await priced("10:20");
    await insert(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp)
       SELECT 'yahoo', '/', success, instant FROM (VALUES ($1::timestamptz, true), ($2, false)) AS v (instant, success)`,
      [new Date(at("10:00")), new Date(at("10:31"))],
    );
    await run("data_quality_health_check", "10:30");
    expect(await shown("amc_data_problems_total")).toEqual([
      'amc_data_problems_total{kind="prices-stale"} 0',
      'amc_data_problems_total{kind="provider-unreachable"} 0',
    ]);
  });

  it.each([
    { when: "beside a symbol without a trade of late", old: ["AMC"] },
    { when: "and no price of before is left", old: [] },
  ])("find a feed alive whose newest prices are of after the look, $when", async ({ old }) => {
    await priced("10:30:01");
    for (const symbol of old) await priced("10:10", symbol);
    await run("data_quality_health_check", "10:30");
    expect(await shown("amc_data_problems_total")).toContain(
      'amc_data_problems_total{kind="prices-stale"} 0',
    );
    await projectAll(database, log);
    const { rows } = await insert("SELECT event FROM job_runs", []);
    const told = decodeEvent("ops.job-run.v1", rows[0]?.event);
    // The feed was looked at.
    expect(told.ok && told.value).toMatchObject({ processed: 1, successful: 1, failed: 0 });
  });

  async function called(provider: string, time: string, success: boolean, simulated = false) {
    await insert(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp, simulated)
       VALUES ($1, '/', $2, $3, $4)`,
      [provider, success, new Date(at(time)), simulated],
    );
  }

  async function opened(provider: string, time: string, recovery: string, simulated = false) {
    await insert(
      `INSERT INTO circuit_breaker_events (provider_name, event_type, failure_count, event_timestamp,
         auto_recovery_at, event_id, simulated)
       VALUES ($1, 'OPENED', 3, $2, $3, gen_random_uuid(), $4)`,
      [provider, new Date(at(time)), new Date(at(recovery)), simulated],
    );
  }

  const unreachable = 'amc_data_problems_total{kind="provider-unreachable"}';

  it("find a provider whose breaker is held open, and those of which the mock or the provider answers nothing", async () => {
    // Answered until lately.
    await called("alpha_vantage", "10:00", true);
    await opened("alpha_vantage", "10:26", "10:31");
    await called("yahoo", "10:00", true, true);
    await called("yahoo", "10:01", false);
    await called("rss", "10:00", true);
    await called("rss", "10:01", false, true);
    await run("data_quality_health_check", "10:30");
    expect(await shown("amc_data_problems_total")).toContain(`${unreachable} 3`);
  });

  it("find nothing wrong with a breaker that has waited, that its process forgot, or that is a mock's", async () => {
    // Nobody asked since.
    await called("alpha_vantage", "09:00", false);
    await opened("alpha_vantage", "09:01", "09:06");
    // Started anew, and answered.
    await called("yahoo", "10:27", true);
    await opened("yahoo", "10:26", "10:31");
    await called("polygon", "10:20", true);
    await opened("polygon", "10:26", "10:31", true);
    await run("data_quality_health_check", "10:30");
    expect(await shown("amc_data_problems_total")).toContain(`${unreachable} 0`);
  });

  it("R-JOB-13: count the symbols whose newest features have a percentile, and those that have none yet", async () => {
    const missing = (reason: string) => [
      { feature: "ivPercentile", reason, have: null, need: null },
    ];
    const newest = [
      features({ symbol: "GME", happenedAt: at("10:00"), ivPercentile: 12, missing: [] }),
      features({ symbol: "AMC", happenedAt: at("10:00"), missing: missing("warming-up") }),
      features({ symbol: "KOSS", happenedAt: at("10:00"), missing: missing("no-source") }),
      features({ symbol: "NOK", happenedAt: at("20:00"), ivPercentile: 12, missing: [] }),
    ];
    await log.commit({ appends: newest.map(recordOf) });
    await projectAll(database, log);
    await run("iv_percentile_calculation", "19:30");
    await projectAll(database, log);
    const { rows } = await insert("SELECT event FROM job_runs", []);
    const told = decodeEvent("ops.job-run.v1", rows[0]?.event);
    expect(told.ok && told.value).toMatchObject({ processed: 2, successful: 1, failed: 1 });
  });
});
