import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { systemLayout } from "@amc/platform/runtime/layout";
import { slotsFiredBy } from "@amc/streams/discovery/slots";
import { JOB_NAMES, JOBS } from "@amc/streams/jobs/job-table";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { LiveClock } from "./live-clock.ts";
import { type RunClockOptions, runClock } from "./run-clock.ts";
import { jobRunsOf, ticksOf } from "./testing/ticks-of.ts";

const WAIT_MS = 2_000;
const HOUR_MS = 3_600_000;
const SLOTS = {
  ...{ discovery: true, everyMinutes: 15 },
  sessions: { premarket: true, afterhours: true },
};

/** Runs the clock on virtual time from one instant to another; ticks of a partition and what was told. */
async function runBetween(fromMs: number, toMs: number, tickMs: number) {
  const log = createMemoryLog(systemLayout(2), () => 0);
  const clock = virtualClock(fromMs);
  const stop = new AbortController();
  const delays: number[] = [];
  let missed = 0;
  const options: RunClockOptions = {
    ...{ log, clock, waitMs: WAIT_MS, schedule: { tickMs, slotMinutes: 15 } },
    observer: {
      opened: () => undefined,
      published: (published, elapsedMs) => {
        delays.push(elapsedMs);
        missed += published.missed;
        if (clock.nowMs() >= toMs) stop.abort();
      },
    },
  };
  await runClock(options, stop.signal);
  const ticks = await ticksOf(log, 1);
  const runs = await jobRunsOf(log);
  return { ticks: ticks.map(({ happenedAt }) => happenedAt), runs, delays, missed };
}

/** Slots that stages fire on these ticks. */
function firedBy(ticks: readonly number[]) {
  return ticks.flatMap((tickMs, index) => {
    const before = ticks[index - 1];
    return before === undefined ? [] : slotsFiredBy(before, tickMs, SLOTS);
  });
}

describe("a clock that is taken over", () => {
  it("tells what the owner before had decided, when it is written", async () => {
    const inner = createMemoryLog(systemLayout(2), () => 0);
    const atMs = newYorkToUtc("2025-09-03", "10:00");
    let commits = 0;
    const dying = logWithCommit(inner, async (commit) => {
      commits += 1;
      if (commits === 2) throw new Error("killed");
      return await inner.commit(commit);
    });
    const schedule = { tickMs: 1_000, slotMinutes: 15 };
    const killed = await LiveClock.open(dying, schedule);
    await expect(killed.publish(atMs)).rejects.toThrow("killed");
    const stop = new AbortController();
    const told: [readonly number[], number][] = [];
    const options: RunClockOptions = {
      ...{ log: inner, clock: virtualClock(atMs + WAIT_MS + 500), waitMs: WAIT_MS, schedule },
      observer: {
        opened: () => stop.abort(),
        published: ({ ticks }, elapsedMs) => told.push([ticks, elapsedMs]),
      },
    };
    await runClock(options, stop.signal);
    expect(told).toEqual([[[atMs], 500]]);
  });
});

describe("a clock on virtual time", () => {
  it("brings a whole trading day: 64 slots and two daily instants, each once", async () => {
    const fromMs = newYorkToUtc("2025-09-03", "00:00");
    const { ticks, delays, missed } = await runBetween(fromMs, fromMs + 24 * HOUR_MS, 10_000);
    const fired = firedBy(ticks);
    expect(fired.filter(({ trigger }) => trigger === "SLOT")).toHaveLength(64);
    expect(fired.filter(({ trigger }) => trigger === "DAILY")).toHaveLength(2);
    expect(new Set(fired.map(({ slot, trigger }) => `${trigger}/${slot}`)).size).toBe(66);
    expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    // Nothing holds it up, so every tick is there the moment its wait is over, but the first.
    expect(delays.slice(1).filter((ms) => ms !== 0)).toEqual([]);
    expect(missed).toBe(0);
  });

  it("asks for every job of a trading day at its instants, each once", async () => {
    // A Monday, from the minute before midnight in New York to the next midnight.
    const fromMs = newYorkToUtc("2025-09-08", "00:00") - 60_000;
    const { runs } = await runBetween(fromMs, fromMs + 24 * HOUR_MS + 62_000, 30_000);
    const counts = new Map<string, number>();
    for (const run of runs) {
      const [instant = "", job = ""] = run.split(" ");
      if (Date.parse(instant) < fromMs + 60_000) continue;
      if (Date.parse(instant) >= fromMs + 60_000 + 24 * HOUR_MS) continue;
      counts.set(job, (counts.get(job) ?? 0) + 1);
    }
    expect(new Set(runs).size).toBe(runs.length);
    const daily = JOB_NAMES.filter((job) => JOBS[job].kind === "daily");
    expect(Object.fromEntries(counts)).toEqual({
      ...Object.fromEntries(daily.map((job) => [job, 1])),
      ...{ short_interest_check: 2, circuit_breaker_reset: 96 },
      ...{ alert_processor: 2_880, discovery_flow_monitor: 2_880, health_check: 2_880 },
      ...{ performance_metrics_aggregation: 7, data_quality_health_check: 14 },
      ...{ portfolio_dip_scanner: 360, recommendation_performance_tracker: 78 },
      learning_feedback_processor: 105,
    });
  });

  it.each([
    // Friday, the weekend and Monday: two days of 66.
    ["when the clocks go ahead", "2025-03-07", 96 - 1, 132],
    ["when the clocks go back", "2025-10-31", 96 + 1, 132],
    // Thanksgiving, the half day after it with slots to 16:45, and the weekend.
    ["of a holiday and a half day", "2025-11-27", 96, 52 + 2],
    ["of an ad-hoc closure", "2025-01-08", 96, 66 + 66],
  ])("fires every slot once over the days %s (from %s)", async (_, date, hours, count) => {
    const fromMs = newYorkToUtc(date, "00:00");
    const { ticks, missed } = await runBetween(fromMs, fromMs + hours * HOUR_MS, 30_000);
    const fired = firedBy(ticks);
    expect(fired).toHaveLength(count);
    expect(new Set(fired.map(({ slot, trigger }) => `${trigger}/${slot}`)).size).toBe(count);
    expect(missed).toBe(0);
  });
});
