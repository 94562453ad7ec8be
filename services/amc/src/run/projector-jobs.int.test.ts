import { createMemoryLog } from "@amc/platform/log/memory";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { poolOf } from "@amc/projector/testing/projector-fixture";
import { LiveClock } from "@amc/scheduler/live-clock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openProjectorJobs } from "./projector-jobs.ts";

const DAY_MS = 86_400_000;
const TWO_UTC = Date.UTC(2025, 8, 4, 2);
const SCHEDULE = { tickMs: 1_000, slotMinutes: 15 };

describe("data_cleanup (R-JOB-19)", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestPostgres();
  });
  afterAll(async () => {
    await database.drop();
  });

  it("deletes old rows at 02:00 UTC, when the scheduler asks for it, and not before", async () => {
    const pool = poolOf(database, "projector");
    await pool.query(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp)
       SELECT 'finra_short', '/', true, $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[1, 89, 90, 91, 400]) AS age`,
      [new Date(TWO_UTC)],
    );
    const rows = async () => {
      const {
        rows: [{ count } = { count: "" }],
      } = await pool.query<{ count: string }>(
        "SELECT count(*)::text AS count FROM provider_api_calls",
      );
      return Number(count);
    };
    const log = createMemoryLog(systemLayout(2), () => 0);
    const metrics = new ProcessMetrics(() => TWO_UTC);
    const told = { log, metrics, logger: createLogger("fatal") };
    const worker = await openProjectorJobs(told, pool);
    const clock = await LiveClock.open(log, SCHEDULE);
    const never = new AbortController().signal;
    await clock.publish(TWO_UTC - DAY_MS / 24);
    await clock.publish(TWO_UTC - 30_000);
    await worker.workOff(never);
    expect(await rows()).toBe(5);
    await clock.publish(TWO_UTC);
    await worker.workOff(never);
    expect(await rows()).toBe(3);
  });
});
