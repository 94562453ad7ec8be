import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayStart } from "../market/clock-ticks.ts";
import { isoUtc, newYorkToUtc } from "../market/event-time.ts";
import { JOB_NAMES, JOBS, type JobName } from "./job-table.ts";
import { type DueJob, jobsDue } from "./jobs-due.ts";

const HALF_MINUTE_MS = 30_000;
const TEN_MINUTES_MS = 600_000;
const HOUR_MS = 3_600_000;

/** Every run that a scheduler asks for which looks so often. */
function runsBetween(fromMs: number, toMs: number, everyMs: number): DueJob[] {
  const runs: DueJob[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
    runs.push(...jobsDue(atMs, Math.min(atMs + everyMs, toMs)).runs);
  }
  return runs;
}

const wallClock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/New_York",
  ...{ hour: "2-digit", minute: "2-digit" },
});

/** Wall-clock times in New York, by the time-zone data of Node, at which a job runs on a date. */
function timesOn(date: string, job: JobName): string[] {
  const [fromMs, toMs] = [newYorkToUtc(date, "00:00") - 1, newYorkToUtc(date, "23:59")];
  return runsBetween(fromMs, toMs, TEN_MINUTES_MS)
    .filter((run) => run.job === job)
    .map(({ atMs }) => wallClock.format(atMs));
}

const WEDNESDAY = "2025-09-03";
const MONDAY = "2025-09-08";

const midnightMs = newYorkToUtc(WEDNESDAY, "00:00") - 1;
const halfMinutes = runsBetween(midnightMs, midnightMs + 24 * HOUR_MS, HALF_MINUTE_MS);

describe("jobs", () => {
  it.each([
    ["check-finra-schedule", WEDNESDAY, "09:00"],
    ["short_interest_check", WEDNESDAY, "00:00 12:00"],
    ["collect-short-interest-data", WEDNESDAY, "10:00"],
    ["collect-short-interest-data", MONDAY, "10:00"],
    ["collect-short-interest-data", "2025-09-04", ""],
    ["validate-data-quality", MONDAY, "11:00"],
    ["validate-data-quality", "2025-09-05", ""],
    ["finra_daily_short_volume", WEDNESDAY, "18:30"],
    ["finra_daily_short_volume", "2025-11-28", "18:30"],
    ["finra_daily_short_volume", "2025-09-01", ""],
    ["finra_weekly_short_interest", MONDAY, "18:00"],
    ["finra_weekly_short_interest", WEDNESDAY, ""],
    ["alpha_vantage_options_daily", WEDNESDAY, "19:00"],
    ["iv_percentile_calculation", WEDNESDAY, "19:30"],
    ["discovery_cache_clear", "2025-09-06", "05:00"],
    ["ab_test_analysis", WEDNESDAY, "16:15"],
    ["experiment_lifecycle", WEDNESDAY, "23:59"],
    // 02:00 UTC in summer and in winter, and on the two days between which it moves.
    ["data_cleanup", WEDNESDAY, "22:00"],
    ["data_cleanup", "2025-12-03", "21:00"],
    ["performance_metrics_aggregation", WEDNESDAY, "10:00 11:00 12:00 13:00 14:00 15:00 16:00"],
    ["performance_metrics_aggregation", "2025-11-28", "10:00 11:00 12:00 13:00"],
    ["performance_metrics_aggregation", "2025-11-27", ""],
    ["data_quality_health_check", "2025-11-28", "09:30 10:00 10:30 11:00 11:30 12:00 12:30 13:00"],
  ] as const)("%s runs on %s at [%s]", (job, date, times) => {
    expect(timesOn(date, job).join(" ")).toBe(times);
  });

  it.each([
    ["discovery_flow_monitor", 2 * 60 * 24],
    ["alert_processor", 2 * 60 * 24],
    ["health_check", 2 * 60 * 24],
    ["circuit_breaker_reset", 4 * 24],
    // 09:30 to 15:55, 04:00 to 15:58, and every ten minutes outside of the regular session.
    ["recommendation_performance_tracker", 78],
    ["portfolio_dip_scanner", 360],
    ["learning_feedback_processor", 6 * 24 - 39],
  ] as const)("%s runs %d times on a trading day", (job, count) => {
    expect(halfMinutes.filter((run) => run.job === job)).toHaveLength(count);
  });

  it.each([
    ["2025-03-09", 23],
    ["2025-11-02", 25],
  ])("by the wall clock run once each on %s, which has %d hours", (date, hours) => {
    const fromMs = newYorkToUtc(date, "00:00") - 1;
    const runs = runsBetween(fromMs, fromMs + hours * HOUR_MS, TEN_MINUTES_MS);
    const daily = runs.filter(({ job }) => JOBS[job].kind === "daily");
    const perDay = { short_interest_check: 2 };
    const everyDay = JOB_NAMES.filter((job) => {
      const schedule = JOBS[job];
      return schedule.kind === "daily" && schedule.days === "every";
    });
    const expected = everyDay.map((job) => [job, job in perDay ? 2 : 1]);
    const found = everyDay.map((job) => [job, daily.filter((run) => run.job === job).length]);
    expect(found).toEqual(expected);
    expect(daily).toHaveLength(everyDay.length + 1);
  });

  it("are made up for on their day, the daily ones each, the periodic ones once", () => {
    const { runs, missed } = jobsDue(
      newYorkToUtc(WEDNESDAY, "08:58"),
      newYorkToUtc(WEDNESDAY, "11:03"),
    );
    const told = runs.map(({ job, atMs }) => `${wallClock.format(atMs)} ${job}`);
    expect(told).toEqual([
      "09:00 check-finra-schedule",
      "10:00 collect-short-interest-data",
      "11:00 circuit_breaker_reset",
      "11:00 data_quality_health_check",
      "11:00 performance_metrics_aggregation",
      "11:00 recommendation_performance_tracker",
      "11:00 validate-data-quality",
      "11:02 portfolio_dip_scanner",
      "11:03 alert_processor",
      "11:03 discovery_flow_monitor",
      "11:03 health_check",
    ]);
    expect(missed).toBe(0);
  });

  it("give every daily run of the going day exactly once, however the instants are cut", () => {
    const start = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2026, 11, 1) });
    const step = fc.oneof(
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 0, max: 3 * HOUR_MS }),
      fc.integer({ min: 0, max: 60 * HOUR_MS }),
    );
    const isDaily = ({ job }: DueJob) => JOBS[job].kind === "daily";
    const named = ({ job, atMs }: DueJob) => `${job} ${isoUtc(atMs)}`;
    /** All daily runs between two instants, an hour at a time: nothing is over then. */
    const all = (fromMs: number, toMs: number): DueJob[] => {
      const found: DueJob[] = [];
      for (let atMs = fromMs; atMs < toMs; ) {
        const nextMs = Math.min(toMs, Math.floor(atMs / HOUR_MS) * HOUR_MS + HOUR_MS);
        // What falls on an hour's first instant is not lost where the day begins with it.
        found.push(...jobsDue(atMs, nextMs).runs.filter(isDaily));
        atMs = nextMs;
      }
      return found;
    };
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 20 }), (startMs, steps) => {
        let [nowMs, missed] = [startMs, 0];
        const found: DueJob[] = [];
        const expected: DueJob[] = [];
        for (const stepMs of steps) {
          const due = jobsDue(nowMs, nowMs + stepMs);
          found.push(...due.runs.filter(isDaily));
          missed += due.missed;
          const going = dayStart(nowMs + stepMs);
          expected.push(...all(nowMs, nowMs + stepMs).filter(({ atMs }) => atMs >= going));
          nowMs += stepMs;
        }
        expect(found.map(named)).toEqual(expected.map(named));
        expect(new Set(found.map(named)).size).toBe(found.length);
        expect(found.length + missed).toBe(all(startMs, nowMs).length);
      }),
      { numRuns: 40 },
    );
  });
});
