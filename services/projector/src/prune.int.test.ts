import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countOld, prune } from "./prune.ts";

const AS_OF = Date.UTC(2026, 5, 1, 2);
const DAY_MS = 86_400_000;

import { poolOf } from "./testing/projector-fixture.ts";

describe("prune (R-SEC-05)", () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await startTestPostgres();
  });
  afterEach(async () => {
    await database.drop();
  });

  async function insertDetectorRows(...ages: readonly number[]): Promise<void> {
    for (const [index, ageMs] of ages.entries()) {
      await poolOf(database, "projector").query(
        `INSERT INTO detector_performance (discovery_run_id, detector_name, symbol, created_at)
         VALUES (gen_random_uuid(), $1, 'GME', $2)`,
        [`d${index}`, new Date(AS_OF - ageMs)],
      );
    }
  }

  it("deletes what is older than the limit of its table and keeps what is exactly at it", async () => {
    await insertDetectorRows(0, 180 * DAY_MS, 180 * DAY_MS + 1, 181 * DAY_MS);
    await poolOf(database, "projector").query(
      `INSERT INTO discovery_audit_log
         (discovery_run_id, strategy_used, session_type, universe_size, candidates_found,
          total_execution_time_ms, created_at)
       SELECT gen_random_uuid(), 's', 'regular', 1, 0, 0, $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[364, 365, 366]) AS age`,
      [new Date(AS_OF)],
    );
    // R-SI-14: a year of short interest.
    await poolOf(database, "projector").query(
      `INSERT INTO short_interest_quality (symbol, reporting_date, data_source, created_at)
       SELECT 'GME', '2020-12-31', 'finra', $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[364, 365, 366, 367]) AS age`,
      [new Date(AS_OF)],
    );
    await poolOf(database, "projector").query(
      `INSERT INTO short_interest_data (symbol, reporting_date, settlement_date,
         short_interest_shares, data_source, updated_at)
       SELECT 'GME', '2020-12-31', '2020-12-31', 1, age::text, $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[364, 365, 366]) AS age`,
      [new Date(AS_OF)],
    );
    await poolOf(database, "projector").query(
      `INSERT INTO job_runs (run_id, job, due_at, state, attempt, steps, event_id, event)
       SELECT gen_random_uuid(), 'data_cleanup', $1::timestamptz - make_interval(days => age), 'SUCCEEDED', 1, 2,
         gen_random_uuid(), '\\x00'
       FROM unnest(ARRAY[364, 365, 366]) AS age`,
      [new Date(AS_OF)],
    );
    await poolOf(database, "projector").query(
      `INSERT INTO operational_alerts (event_id, kind, severity, subject, happened_at, raised_at, finding,
         simulated, event)
       SELECT gen_random_uuid(), 'k', 'WARNING', 's', $1::timestamptz - make_interval(days => age), $1, 'f',
         false, '\\x00'
       FROM unnest(ARRAY[364, 365, 366, 367, 368]) AS age`,
      [new Date(AS_OF)],
    );
    await poolOf(database, "projector").query(
      `INSERT INTO hour_metrics (event_id, metric, subject, simulated, happened_at, verdict, event)
       SELECT gen_random_uuid(), 'm', 's', false, $1::timestamptz - make_interval(days => age), 'USUAL', '\\x00'
       FROM unnest(ARRAY[365, 366]) AS age`,
      [new Date(AS_OF)],
    );
    await poolOf(database, "projector").query(
      `INSERT INTO short_interest_jobs (job_type, started_at)
       SELECT 'data_collection', $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[364, 365, 366, 400]) AS age`,
      [new Date(AS_OF)],
    );
    const pruned = await prune(poolOf(database, "projector"), AS_OF);
    expect(Object.fromEntries(pruned)).toEqual({
      provider_api_calls: 0,
      circuit_breaker_events: 0,
      detector_performance: 2,
      ab_testing_results: 0,
      discovery_audit_log: 1,
      short_interest_data: 1,
      short_interest_quality: 2,
      short_interest_jobs: 2,
      job_runs: 1,
      operational_alerts: 3,
      hour_metrics: 1,
    });
    const { rows } = await poolOf(database, "api").query(
      "SELECT detector_name FROM detector_performance ORDER BY detector_name",
    );
    expect(rows).toEqual([{ detector_name: "d0" }, { detector_name: "d1" }]);
  });

  it("deletes more rows than one statement takes", async () => {
    await poolOf(database, "projector").query(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp)
       SELECT 'finra_short', '/', true, $1 FROM generate_series(1, 12000)`,
      [new Date(AS_OF - 91 * DAY_MS)],
    );
    const pruned = await prune(poolOf(database, "projector"), AS_OF);
    expect(pruned.get("provider_api_calls")).toBe(12_000);
  });

  it("stops between two statements when it is told to", async () => {
    const pool = poolOf(database, "projector");
    await pool.query(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp)
       SELECT 'finra_short', '/', true, $1 FROM generate_series(1, 12000)`,
      [new Date(AS_OF - 91 * DAY_MS)],
    );
    const stop = new AbortController();
    pool.once("release", () => stop.abort());
    await expect(prune(pool, AS_OF, { signal: stop.signal })).rejects.toThrow("aborted");
    const { rows } = await pool.query<{ left: number }>(
      "SELECT count(*)::integer AS left FROM provider_api_calls",
    );
    expect(rows).toEqual([{ left: 7_000 }]);
  });

  it("keeps figures of short interest for SHORT_INTEREST_HISTORICAL_DEPTH, and other rows as ever (R-ENV-15)", async () => {
    const pool = poolOf(database, "projector");
    await pool.query(
      `INSERT INTO short_interest_quality (symbol, reporting_date, data_source, created_at)
       SELECT 'AMC', '2020-12-31', 'finra', $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[59, 60, 61, 300]) AS age`,
      [new Date(AS_OF)],
    );
    await pool.query(
      `INSERT INTO short_interest_jobs (job_type, started_at)
       VALUES ('data_collection', $1::timestamptz - interval '300 days')`,
      [new Date(AS_OF)],
    );
    const counted = await countOld(pool, AS_OF, { shortInterestDays: 60 });
    const pruned = await prune(pool, AS_OF, { shortInterestDays: 60 });
    expect(pruned.get("short_interest_quality")).toBe(counted.get("short_interest_quality"));
    expect(pruned.get("short_interest_jobs")).toBe(0);
    const { rows } = await pool.query<{ age: number }>(
      `SELECT extract(day FROM $1::timestamptz - created_at)::integer AS age
       FROM short_interest_quality WHERE symbol = 'AMC' ORDER BY age`,
      [new Date(AS_OF)],
    );
    expect(rows.map(({ age }) => age)).toEqual([59, 60]);
  });

  it("keeps the rows of a replayed year when it is asked as of that year", async () => {
    await insertDetectorRows(5 * 365 * DAY_MS);
    const pruned = await prune(poolOf(database, "projector"), AS_OF - 5 * 365 * DAY_MS);
    expect(pruned.get("detector_performance")).toBe(0);
  });
});
