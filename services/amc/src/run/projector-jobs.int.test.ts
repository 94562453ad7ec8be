import { loadConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { createMemoryLog } from "@amc/platform/log/memory";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { poolOf } from "@amc/projector/testing/projector-fixture";
import { LiveClock } from "@amc/scheduler/live-clock";
import { playedTick } from "@amc/scheduler/testing/played-tick";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cutTopic } from "../operations/prune/log-retention.ts";
import { openProjectorJobs } from "./projector-jobs.ts";

const DAY_MS = 86_400_000;
const TWO_UTC = Date.UTC(2025, 8, 4, 2);
const SILENT = { written: () => undefined };
const SETTINGS = { clock: withoutDeadlines(virtualClock(TWO_UTC)), variables: loadConfig({}) };
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
    const told = { log, metrics, logger: createLogger("fatal"), telemetry: SILENT, ...SETTINGS };
    const worker = await openProjectorJobs(told, pool);
    const clock = await LiveClock.open(log, SCHEDULE);
    const never = new AbortController().signal;
    // Live for longer than the oldest row.
    await clock.publish(TWO_UTC - 500 * DAY_MS);
    await clock.publish(TWO_UTC - DAY_MS / 24);
    await clock.publish(TWO_UTC - 30_000);
    await worker.workOff(never);
    expect(await rows()).toBe(5);
    await clock.publish(TWO_UTC);
    await worker.workOff(never);
    expect(await rows()).toBe(3);
  });

  it("takes raw answers of more than two weeks from a log of its own, and leaves it all else", async () => {
    const [topic, other] = ["ops.provider-answer.v1", "ops.provider-call.v1"] as const;
    let nowMs = TWO_UTC - 15 * DAY_MS;
    const log = createMemoryLog(systemLayout(1), () => nowMs);
    const clock = await LiveClock.open(log, SCHEDULE);
    const record = { key: "yahoo", value: Buffer.from("x"), headers: {} };
    const append = () =>
      log.commit({ appends: [topic, other].map((name) => ({ ...record, topic: name })) });
    await append();
    nowMs = TWO_UTC - 13 * DAY_MS;
    await append();
    const metrics = new ProcessMetrics(() => TWO_UTC);
    const told = { log, metrics, logger: createLogger("fatal"), telemetry: SILENT, ...SETTINGS };
    const worker = await openProjectorJobs(told, poolOf(database, "projector"), (asOfMs) =>
      cutTopic(log, topic, asOfMs),
    );
    await clock.publish(TWO_UTC - 30_000);
    await clock.publish(TWO_UTC);
    await worker.workOff(new AbortController().signal);
    expect([await log.startOffset(topic, 0), await log.startOffset(other, 0)]).toEqual([1, 0]);
  });

  it("keeps the rows of a history that was played before the scheduler began", async () => {
    const pool = poolOf(database, "projector");
    const log = createMemoryLog(systemLayout(2), () => 0);
    const playedMs = Date.UTC(2021, 0, 28, 20);
    // The recording's ticks, then the scheduler's for a year.
    for (const second of [0, 1, 2]) {
      await log.commit({ appends: playedTick(playedMs + second * 1_000, 2) });
    }
    const clock = await LiveClock.open(log, SCHEDULE);
    const liveMs = TWO_UTC - 365 * DAY_MS;
    await clock.publish(liveMs);
    await pool.query("DELETE FROM provider_api_calls");
    await pool.query(
      `INSERT INTO provider_api_calls (provider_name, endpoint, success, request_timestamp)
       SELECT 'finra_short', '/', true, at FROM unnest($1::timestamptz[]) AS at`,
      [[playedMs, liveMs - 1, liveMs, TWO_UTC - 91 * DAY_MS, TWO_UTC].map((ms) => new Date(ms))],
    );
    const metrics = new ProcessMetrics(() => TWO_UTC);
    const told = { log, metrics, logger: createLogger("fatal"), telemetry: SILENT, ...SETTINGS };
    const worker = await openProjectorJobs(told, pool);
    await clock.publish(TWO_UTC);
    await worker.workOff(new AbortController().signal);
    const { rows } = await pool.query<{ at: Date }>(
      "SELECT request_timestamp AS at FROM provider_api_calls ORDER BY 1",
    );
    expect(rows.map(({ at }) => at.getTime())).toEqual([playedMs, liveMs - 1, TWO_UTC]);
  });
});
