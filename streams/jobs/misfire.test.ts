import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../market/event-time.ts";
import { JOB_NAMES, JOBS, type JobName } from "./job-table.ts";
import { jobsDue, nextDue } from "./jobs-due.ts";
import { skipReason } from "./misfire.ts";

const DATE = "2025-09-03";
const at = (time: string, date = DATE) => newYorkToUtc(date, time);
const MINUTE_MS = 60_000;

/** Runs of a job that a scheduler asks for which was away from one time to the other. */
function madeUpFor(job: JobName, from: string, to: string): readonly number[] {
  const { runs } = jobsDue(at(from), at(to));
  return runs.filter((run) => run.job === job).map(({ atMs }) => atMs);
}

describe("a run that is taken late", () => {
  it("is skipped for a newer one of its job, whatever its policy", () => {
    for (const job of JOB_NAMES) {
      expect(skipReason(job, at("10:00"), at("10:01"), at("11:00"))).toBe("superseded");
    }
  });

  it("is done a day later where its policy is to run late, and skipped after its period otherwise", () => {
    const later = at("10:00") + 86_400_000;
    const skipped = JOB_NAMES.filter((job) => skipReason(job, at("10:00"), later, null) !== null);
    expect(skipped).toEqual(JOB_NAMES.filter((job) => JOBS[job].misfire === "skip"));
    expect(skipReason("circuit_breaker_reset", at("10:00"), at("10:15"), null)).toBeNull();
    const beyond = at("10:15") + 1;
    expect(skipReason("circuit_breaker_reset", at("10:00"), beyond, null)).toBe("too-late");
  });
});

describe("a part of the day that was missed", () => {
  it("is made up for once, at its newest instant, by what is to run late", () => {
    expect(madeUpFor("recommendation_performance_tracker", "15:31", "16:20")).toEqual([
      at("15:55"),
    ]);
    expect(madeUpFor("performance_metrics_aggregation", "13:31", "19:20")).toEqual([at("16:00")]);
  });

  it("is over for what skips", () => {
    expect(madeUpFor("portfolio_dip_scanner", "15:31", "16:20")).toEqual([]);
    expect(madeUpFor("data_quality_health_check", "15:31", "16:40")).toEqual([]);
  });
});

describe("the rules of the jobs", () => {
  it.each([
    ["discovery_flow_monitor", 10, 1],
    ["recommendation_performance_tracker", 60, 2],
    ["portfolio_dip_scanner", 30, 1],
    ["alert_processor", 15, 2],
    ["learning_feedback_processor", 300, 1],
  ] as const)("give %s %d s and %d attempts, as R-JOB-01 to 05 say", (job, seconds, attempts) => {
    expect(JOBS[job]).toMatchObject({ limitMs: seconds * 1_000, attempts });
  });

  it("end the last attempt at a run before the next one of a period is due, but for the alerts' at once", () => {
    const late = JOB_NAMES.filter((job) => {
      const rules = JOBS[job];
      if (rules.kind === "daily") return false;
      return rules.attempts * rules.limitMs + rules.retryWaitMs > rules.everyMs;
    });
    expect(late).toEqual([]);
  });
});

describe("the next instant of a job", () => {
  it.each([
    ["data_cleanup", "10:00", at("22:00")],
    ["short_interest_check", "00:00", at("12:00")],
    ["collect-short-interest-data", "10:00", at("10:00", "2025-09-08")],
    ["circuit_breaker_reset", "10:07", at("10:15")],
    ["data_quality_health_check", "16:00", at("09:30", "2025-09-04")],
    ["portfolio_dip_scanner", "16:01", at("04:00", "2025-09-04")],
    ["learning_feedback_processor", "09:20", at("16:00")],
  ] as const)("%s after %s", (job, time, expected) => {
    expect(nextDue(job, at(time))).toBe(expected);
  });

  it("is found over a closure of the exchanges, and over both changes of the clocks", () => {
    // Thanksgiving, a half day and a weekend.
    expect(nextDue("performance_metrics_aggregation", at("13:00", "2025-11-28"))).toBe(
      at("10:00", "2025-12-01"),
    );
    expect(nextDue("finra_daily_short_volume", at("18:30", "2025-03-07"))).toBe(
      at("18:30", "2025-03-10"),
    );
    expect(nextDue("ab_test_analysis", at("16:15", "2025-11-01"))).toBe(at("16:15", "2025-11-02"));
  });

  it("is the first that is asked for, whatever the job", () => {
    for (const job of JOB_NAMES) {
      const start = at("03:59", "2025-10-31");
      const next = nextDue(job, start) ?? Number.NaN;
      const before = jobsDue(next - MINUTE_MS, next - 1).runs.map((run) => run.job);
      expect(jobsDue(next - 1, next).runs).toContainEqual({ job, atMs: next });
      if (JOBS[job].kind === "daily") expect(before).not.toContain(job);
    }
  });
});
