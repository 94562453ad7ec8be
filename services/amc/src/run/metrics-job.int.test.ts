import { loadConfig } from "@amc/platform/config/load-config";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { ManualClock } from "@amc/platform/jobs/testing/manual-clock";
import { runsTold } from "@amc/platform/jobs/testing/runs-told";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Commit, Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { recordOf } from "@amc/projector/testing/log-of-events";
import { projectAll } from "@amc/projector/testing/projector-fixture";
import { LiveClock } from "@amc/scheduler/live-clock";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { jobFailed, jobRun } from "@amc/streams/testing/job-events";
import { providerCall } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { METRICS_JOB } from "./metrics-job.ts";
import { openProjectorJobs } from "./projector-jobs.ts";

// Eleven sessions, weekends and Labor Day among them.
const SESSIONS = [
  ...["2025-08-19", "2025-08-20", "2025-08-21", "2025-08-22", "2025-08-25", "2025-08-26"],
  ...["2025-08-27", "2025-08-28", "2025-08-29", "2025-09-02", "2025-09-03"],
];
const TODAY = "2025-09-04";
const ALERT = "ops.alert-raised.v1";
const MINUTE_MS = 60_000;
const never = new AbortController().signal;

describe("performance_metrics_aggregation (R-JOB-15, R-MET-10)", () => {
  let database: TestDatabase;
  let log: Log;
  let nowMs: number;

  beforeEach(async () => {
    database = await startTestPostgres();
    nowMs = newYorkToUtc("2025-08-18", "09:00");
    log = createMemoryLog(systemLayout(2), () => nowMs);
    await (await LiveClock.open(log, { tickMs: 1_000, slotMinutes: 15 })).publish(nowMs);
  });
  afterEach(() => database.drop());

  /** Calls of Yahoo spread over the hour that ends at an instant. */
  async function called(endMs: number, count: number): Promise<void> {
    nowMs = endMs;
    const calls = Array.from({ length: count }, (_, index) => {
      const happenedAt = endMs - Math.ceil(((index + 1) * 59 * MINUTE_MS) / count);
      return recordOf(providerCall({ provider: "yahoo", happenedAt, attempt: 1 + (index % 90) }));
    });
    await log.commit({ appends: calls });
  }

  /** As a projector does it that has just started, ten seconds after the hour. */
  async function measure(endMs: number, on: Log = log): Promise<void> {
    nowMs = endMs + 10_000;
    await log.commit({ appends: [jobTick(METRICS_JOB, endMs)] });
    await worked(on);
  }

  async function worked(on: Log): Promise<void> {
    const metrics = new ProcessMetrics(() => nowMs);
    const telemetry = { written: () => undefined };
    const told = { log: on, metrics, telemetry, logger: createLogger("fatal") };
    const variables = loadConfig({});
    const settings = { ...told, clock: new ManualClock(nowMs), variables };
    await (await openProjectorJobs(settings, database.pool("projector"))).workOff(never);
  }

  async function usualSessions(): Promise<void> {
    for (const [index, date] of SESSIONS.entries()) {
      await called(newYorkToUtc(date, "11:00"), 38 + (index % 6));
      await measure(newYorkToUtc(date, "11:00"));
    }
  }

  const rowsOf = async (text: string) => {
    await projectAll(database, log);
    return (await database.pool("api").query(text)).rows;
  };
  const alerts = () =>
    rowsOf("SELECT kind, severity, subject, happened_at FROM operational_alerts");
  async function recorded(topic: string): Promise<number> {
    const ends = [0, 1].map((partition) => log.endOffset(topic, partition));
    return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
  }

  const END = newYorkToUtc(TODAY, "11:00");
  const SPIKE = {
    ...{ kind: "metric.anomaly", severity: "WARNING", subject: "provider.calls of yahoo" },
    happened_at: new Date(END),
  };

  it("measures an hour once, from what the log has of it, and says how it compares", async () => {
    await usualSessions();
    await called(END, 41);
    await measure(END);
    const rows = await rowsOf(
      `SELECT subject, value, verdict FROM hour_metrics
       WHERE metric = 'provider.calls' ORDER BY happened_at`,
    );
    const yahoo = { subject: "yahoo" };
    expect(rows).toEqual([
      ...[38, 39, 40, 41, 42, 43, 38, 39, 40, 41].map((value) => ({
        ...{ ...yahoo, value, verdict: "UNKNOWN" },
      })),
      { ...yahoo, value: 42, verdict: "USUAL" },
      { ...yahoo, value: 41, verdict: "USUAL" },
    ]);
    expect(await alerts()).toEqual([]);
    const runs = await runsTold(log);
    expect(runs.filter(({ state }) => state === "SUCCEEDED")).toHaveLength(12);
    expect(runs.at(-1)).toMatchObject({ processed: 10, successful: 10, failed: 0 });
  });

  it("raises one alert for an injected spike, and neither a repeated tick nor another worker a second", async () => {
    await usualSessions();
    await called(END, 400);
    await measure(END);
    const figures = await recorded("ops.hour-metric.v1");
    expect(await alerts()).toEqual([SPIKE]);
    await measure(END);
    await worked(log);
    expect(await recorded(ALERT)).toBe(1);
    expect(await recorded("ops.hour-metric.v1")).toBe(figures);
    const [odd] = await rowsOf("SELECT value FROM hour_metrics WHERE verdict = 'ANOMALOUS'");
    expect(odd).toEqual({ value: 400 });
  });

  it("tells no part of an hour twice or never when it is killed before or after the commit", async () => {
    await usualSessions();
    const before = await recorded("ops.hour-metric.v1");
    await called(END, 400);
    const dying = (after: boolean) =>
      logWithCommit(log, async (commit) => {
        const isEnd = commit.appends.some(({ topic }) => topic === "ops.hour-metric.v1");
        if (!isEnd || after) await log.commit(commit);
        if (isEnd) throw new Error("killed");
        return { offsets: [] };
      });
    await expect(measure(END, dying(false))).rejects.toThrow("killed");
    expect(await recorded(ALERT)).toBe(0);
    await expect(worked(dying(true))).rejects.toThrow("killed");
    await worked(log);
    expect(await recorded(ALERT)).toBe(1);
    expect(await recorded("ops.hour-metric.v1")).toBe(before + 10);
    expect(await alerts()).toEqual([SPIKE]);
  });

  it("knows nothing of what came after the hour, though it is measured late", async () => {
    await usualSessions();
    await called(END, 41);
    await called(END + 60 * MINUTE_MS, 400);
    await measure(END);
    expect(await alerts()).toEqual([]);
  });

  it("control: a build that compares with nothing is caught", async () => {
    for (const date of SESSIONS) await called(newYorkToUtc(date, "11:00"), 40);
    await called(END, 400);
    await measure(END);
    expect(await alerts()).not.toEqual([SPIKE]);
  });

  it("control: a build that finds the anomaly and tells nobody is caught", async () => {
    const silent = logWithCommit(log, ({ appends, ...commit }: Commit) =>
      log.commit({ ...commit, appends: appends.filter(({ topic }) => topic !== ALERT) }),
    );
    await usualSessions();
    await called(END, 400);
    await measure(END, silent);
    const odd = await rowsOf("SELECT metric FROM hour_metrics WHERE verdict = 'ANOMALOUS'");
    expect(odd).toEqual([{ metric: "provider.calls" }]);
    expect(await alerts()).not.toEqual([SPIKE]);
  });

  it("R-JOB-20: raises an alert when fewer than 98 % of the runs of 30 days succeeded, once a session", async () => {
    const run = (hours: number) => ({ dueAt: END - hours * 60 * MINUTE_MS });
    const told = Array.from({ length: 97 }, (_, index) => jobRun(run(index + 1)));
    const failed = [jobFailed(run(100)), jobFailed(run(101)), jobFailed(run(102))];
    // Of before the 30 days, and one that is tried again.
    const others = [jobFailed(run(721)), jobFailed({ ...run(103), retryAt: END })];
    nowMs = END;
    await log.commit({ appends: [...told, failed[0] ?? jobRun()].map(recordOf) });
    await projectAll(database, log);
    await measure(END - 60 * MINUTE_MS);
    expect(await alerts()).toEqual([]);
    await log.commit({ appends: [...failed, ...others].map(recordOf) });
    await projectAll(database, log);
    await measure(END);
    await measure(END + 60 * MINUTE_MS);
    const opened = new Date(newYorkToUtc(TODAY, "09:30"));
    const below = { kind: "jobs.below-target", severity: "WARNING", subject: "jobs" };
    expect(await alerts()).toEqual([{ ...below, happened_at: opened }]);
    expect(await recorded(ALERT)).toBe(1);
    await measure(newYorkToUtc("2025-09-05", "10:00"));
    expect(await recorded(ALERT)).toBe(2);
  });
});
