import { setImmediate } from "node:timers/promises";
import { loadConfig } from "@amc/platform/config/load-config";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Commit, Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { createLogger } from "@amc/platform/logger";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { recordOf } from "@amc/projector/testing/log-of-events";
import { digestsOf, projectAll } from "@amc/projector/testing/projector-fixture";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { clockTick } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHANGED_PERIOD, changedPage, clockOfCheck } from "../testing/changed-schedule.ts";
import { shortInterestWork } from "./short-interest-service.ts";
import { UnitTries } from "./unit-tries.ts";

const AT = newYorkToUtc("2025-09-03", "09:00");
const DAY_MS = 86_400_000;
const PARTITIONS = 2;
const JOB = "check-finra-schedule";
const ALERT = "ops.alert-raised.v1";

describe("a changed page of FINRA's reporting dates (R-ING-04)", () => {
  let database: TestDatabase;
  let log: Log;
  let finra: LocalServer;
  let clock: WaitingClock;

  beforeEach(async () => {
    database = await startTestPostgres();
    clock = clockOfCheck(AT);
    log = createMemoryLog(systemLayout(PARTITIONS), clock.nowMs);
    finra = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(changedPage());
    });
    // The calendar's rows come with time.
    const ticks = [AT - 30 * DAY_MS, AT].flatMap((happenedAt) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({
        ...{ ...recordOf(clockTick({ happenedAt })), partition },
      })),
    );
    await log.commit({ appends: ticks });
    await projectAll(database, log);
  });
  afterEach(async () => {
    await finra.close();
    await database.drop();
  });

  /** As `run short-interest` does it, until the run that was asked for is over. */
  async function check(on: Log, atMs = AT): Promise<void> {
    await log.commit({ appends: [jobTick(JOB, atMs)] });
    const stop = new AbortController();
    const variables = loadConfig({ FINRA_SCHEDULE_URL: `${finra.origin}/schedule` });
    const logger = createLogger("fatal");
    const telemetry = openTelemetry({ variables, logger, clock, log: on });
    const context = { variables, log: on, logger, clock, metrics: telemetry.metrics, telemetry };
    const unit = { group: "jobs.short-interest", partition: 0 };
    const worked = shortInterestWork(context, new UnitTries())(unit, stop.signal);
    await Promise.race([worked, untilTaken(stop.signal)]);
    stop.abort();
    await worked;
    await projectAll(database, log);
  }

  /** A tick counts as taken once its run is over. */
  async function untilTaken(signal: AbortSignal): Promise<void> {
    const asked = await recorded("ops.job-tick.v1");
    for (let taken = 0; taken < asked && !signal.aborted; await setImmediate()) {
      const positions = await log.positions("jobs.short-interest", 0);
      taken = positions.reduce((sum, { next }) => sum + next, 0);
    }
  }

  async function recorded(topic = ALERT): Promise<number> {
    const ends = Array.from({ length: PARTITIONS }, (_, partition) =>
      log.endOffset(topic, partition),
    );
    return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
  }

  const rowsOf = async (text: string) => (await database.pool("api").query(text)).rows;
  const alerts = () =>
    rowsOf("SELECT kind, severity, subject, finding, simulated FROM operational_alerts");
  const calendar = async () => (await digestsOf(database)).finra_reporting_schedule;

  const DIFFERS = {
    ...{ kind: "schedule.differs", severity: "WARNING", subject: JOB, simulated: false },
    finding: expect.stringContaining(CHANGED_PERIOD),
  };

  it("raises one alert when the run is given up, which names the run; no row of the calendar changes", async () => {
    const before = await calendar();
    expect(await rowsOf("SELECT FROM finra_reporting_schedule")).not.toEqual([]);
    await check(log);
    expect(await recorded()).toBe(1);
    expect(await alerts()).toEqual([DIFFERS]);
    expect(await calendar()).toBe(before);
    expect(await rowsOf("SELECT state, attempt, retry_at FROM job_runs")).toEqual([
      { state: "FAILED", attempt: 3, retry_at: null },
    ]);
    expect(finra.requests()).toBe(3);
  });

  it("is told no second time by whoever takes over, and again on the next day", async () => {
    await check(log);
    await check(log);
    expect(await recorded()).toBe(1);
    await check(log, AT + DAY_MS);
    expect(await recorded()).toBe(2);
    expect(await alerts()).toEqual([DIFFERS, DIFFERS]);
  });

  it("control: a build that fails the run and tells nobody is caught", async () => {
    const silent = ({ appends, ...commit }: Commit) =>
      log.commit({ ...commit, appends: appends.filter(({ topic }) => topic !== ALERT) });
    await check(logWithCommit(log, silent));
    expect(await recorded()).toBe(0);
    expect(await alerts()).not.toEqual([DIFFERS]);
  });
});
