import { loadConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { newestTick } from "@amc/platform/runtime/newest-tick";
import { LiveClock } from "@amc/scheduler/live-clock";
import { playedTick } from "@amc/scheduler/testing/played-tick";
import { beforeEach, describe, expect, it } from "vitest";
import { PROJECTOR_JOBS } from "../../run/projector-jobs.ts";
import { type SchedulerStanding, schedulerStanding } from "./scheduler-standing.ts";
import { jobsText, schedulerText } from "./scheduler-text.ts";

const VARIABLES = loadConfig({});
/** A Tuesday, when ticks come every half a minute, and the cleanup is due. */
const TWO_UTC = Date.UTC(2025, 8, 9, 2);
const MINUTE_MS = 60_000;
const SCHEDULE = {
  tickMs: VARIABLES.SCHEDULER_TICK_MS,
  slotMinutes: VARIABLES.DISCOVERY_FREQUENCY_MINUTES,
};

let log: Log;
beforeEach(() => {
  log = createMemoryLog(systemLayout(2), () => 0);
});

async function standingAt(nowMs: number, variables = VARIABLES): Promise<SchedulerStanding> {
  return await schedulerStanding(log, await newestTick(log), variables, nowMs);
}

async function publish(...instants: readonly number[]): Promise<void> {
  const clock = await LiveClock.open(log, SCHEDULE);
  for (const atMs of instants) await clock.publish(atMs);
}

/** Takes what is there as a projector does; `fails` is one whose run dies. */
async function workOff(fails = false): Promise<void> {
  const worker = await JobWorker.open({
    ...{ log, group: PROJECTOR_JOBS, source: "/test", concurrency: 1 },
    clock: withoutDeadlines(virtualClock(TWO_UTC)),
    handlers: new Map([
      ["data_cleanup", () => (fails ? Promise.reject(new Error("no")) : Promise.resolve(null))],
    ]),
    onEnded: () => undefined,
    onRefused: () => undefined,
  });
  await worker.workOff(new AbortController().signal);
}

describe("the scheduler", () => {
  it("publishes while its next tick is not overdue, and stands still when it is", async () => {
    await publish(TWO_UTC);
    expect(await standingAt(TWO_UTC + 10_000)).toMatchObject({
      ...{ state: "publishing", publishedMs: TWO_UTC, overdueMs: 0 },
    });
    // Half a minute to the next tick, two seconds until its cut, five of patience.
    expect(await standingAt(TWO_UTC + 37_000)).toMatchObject({ state: "publishing" });
    const late = await standingAt(TWO_UTC + 37_001);
    expect(late).toMatchObject({ state: "standing-still", overdueMs: 5_001 });
    expect(schedulerText(late)).toBe(
      "stands still: last tick 2025-09-09T02:00:00.000Z, the next is 5 s overdue",
    );
  });

  it("has published nothing where all time is a recording's, and says when it is switched off", async () => {
    expect(await standingAt(TWO_UTC)).toMatchObject({ state: "none", publishedMs: null });
    await log.commit({ appends: playedTick(TWO_UTC - MINUTE_MS, 2) });
    expect(await standingAt(TWO_UTC)).toMatchObject({ state: "none", overdueMs: null });
    const off = loadConfig({ SCHEDULER_ENABLED: "false" });
    expect(schedulerText(await standingAt(TWO_UTC, off))).toBe("switched off (SCHEDULER_ENABLED)");
    await publish(TWO_UTC);
    expect(await standingAt(TWO_UTC + MINUTE_MS, off)).toMatchObject({
      ...{ state: "off", publishedMs: TWO_UTC },
    });
  });
});

describe("a job", () => {
  const cleanup = async () =>
    (await standingAt(TWO_UTC)).jobs.find(({ job }) => job === "data_cleanup");

  it.each([
    ["was done", false],
    ["failed and is given up", true],
  ])("waits until it is taken, and is over when it %s", async (_, fails) => {
    await publish(TWO_UTC - MINUTE_MS, TWO_UTC);
    expect(await cleanup()).toEqual({ job: "data_cleanup", atMs: TWO_UTC, outcome: "waiting" });
    await workOff(fails);
    expect(await cleanup()).toMatchObject({ outcome: "over" });
  });

  it("waits again when its next run is asked for", async () => {
    await publish(TWO_UTC - MINUTE_MS, TWO_UTC);
    await workOff();
    await publish(TWO_UTC + 24 * 60 * MINUTE_MS);
    expect(await cleanup()).toMatchObject({
      ...{ atMs: TWO_UTC + 24 * 60 * MINUTE_MS, outcome: "waiting" },
    });
  });

  it("that nobody does is called so", async () => {
    await publish(TWO_UTC - MINUTE_MS, TWO_UTC);
    const standing = await standingAt(TWO_UTC);
    const health = standing.jobs.find(({ job }) => job === "health_check");
    expect(health).toMatchObject({ atMs: TWO_UTC, outcome: "unattended" });
    expect(jobsText(standing)).toMatch(
      /^data_cleanup of 2025-09-09T02:00:00\.000Z waits for a projector; \d+ more are asked for and done by nobody yet$/,
    );
  });

  it("that was never asked for is not listed", async () => {
    expect((await standingAt(TWO_UTC)).jobs).toEqual([]);
  });
});
