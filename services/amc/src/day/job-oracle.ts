import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { isEarlyClose, isTradingDay } from "@amc/streams/market/calendar";

/** An instant as a clock on the wall in New York shows it. */
interface WallTime {
  readonly date: string;
  readonly weekday: string;
  /** `HH:MM:SS`. */
  readonly time: string;
  /** `HH:MM:SS`, UTC. */
  readonly utc: string;
}

/** One row of the requirements: when its job runs, who does it, and whose answers it needs. */
export interface ExpectedJob {
  readonly job: string;
  readonly row: string;
  readonly isDue: (at: WallTime) => boolean;
  /** `nobody yet`: it is asked for at its instants, and once it has runs they are held to the rules of all. */
  readonly worker: "somebody" | "nobody yet";
  readonly provider: MockedProvider | null;
}

const HALF_MINUTE_MS = 30_000;

/**
 * The schedules of requirements.md JOB and domain-facts §17 in their words, hour by hour, and in none of
 * the code's: a change of the job table that departs from them is found here.
 */
export const EXPECTED_JOBS: readonly ExpectedJob[] = [
  undone("discovery_flow_monitor", "R-JOB-01", () => true),
  undone("recommendation_performance_tracker", "R-JOB-02", (at) => isMinute(at, 5) && isOpen(at)),
  undone("portfolio_dip_scanner", "R-JOB-03", (at) => isMinute(at, 2) && isOpenOrBefore(at)),
  undone("alert_processor", "R-JOB-04", () => true),
  undone("learning_feedback_processor", "R-JOB-05", (at) => isMinute(at, 10) && !isOpen(at)),
  undone("health_check", "R-JOB-06", () => true),
  done("check-finra-schedule", "R-JOB-07", (at) => at.time === "09:00:00", "finra_short"),
  done("short_interest_check", "R-SI-05", isNoonOrMidnight, "finra_short"),
  done("collect-short-interest-data", "R-JOB-08", (at) => isMonOrWed(at, "10:00"), "finra_short"),
  done("validate-data-quality", "R-JOB-09", (at) => isMonOrWed(at, "11:00"), null),
  done(
    "finra_daily_short_volume",
    "R-JOB-10",
    (at) => at.time === "18:30:00" && isTradingDay(at.date),
    "finra_short",
  ),
  done(
    "finra_weekly_short_interest",
    "R-JOB-11",
    (at) => at.time === "18:00:00" && at.weekday === "Mon",
    "finra_short",
  ),
  done("alpha_vantage_options_daily", "R-JOB-12", (at) => at.time === "19:00:00", "alpha_vantage"),
  done("iv_percentile_calculation", "R-JOB-13", (at) => at.time === "19:30:00", null),
  undone("discovery_cache_clear", "R-JOB-14", (at) => at.time === "05:00:00"),
  done(
    "performance_metrics_aggregation",
    "R-JOB-15",
    (at) => isMinute(at, 60) && isToClose(at),
    null,
  ),
  // What waits behind a breaker in this process is FINRA.
  done("circuit_breaker_reset", "R-JOB-16", (at) => isMinute(at, 15), "finra_short"),
  done("data_quality_health_check", "R-JOB-17", (at) => isMinute(at, 30) && isToClose(at), null),
  undone("ab_test_analysis", "R-JOB-18", (at) => at.time === "16:15:00"),
  undone("experiment_lifecycle", "R-JOB-18", (at) => at.time === "23:59:00"),
  done("data_cleanup", "R-JOB-19", (at) => at.utc === "02:00:00", null),
];

/** Instants in (`fromMs`, `toMs`] at which a job is to run, UTC ms; whole half minutes hold them all. */
export function instantsOf({ isDue }: ExpectedJob, fromMs: number, toMs: number): number[] {
  const instants: number[] = [];
  const first = (Math.floor(fromMs / HALF_MINUTE_MS) + 1) * HALF_MINUTE_MS;
  for (let atMs = first; atMs <= toMs; atMs += HALF_MINUTE_MS) {
    if (isDue(wallTimeOf(atMs))) instants.push(atMs);
  }
  return instants;
}

const FORMAT = new Intl.DateTimeFormat("en-US", {
  ...{ timeZone: "America/New_York", hourCycle: "h23", weekday: "short" },
  ...{ year: "numeric", month: "2-digit", day: "2-digit" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
});
const known = new Map<number, WallTime>();

/** By the time-zone data of Node, not by the product's arithmetic. */
function wallTimeOf(atMs: number): WallTime {
  const before = known.get(atMs);
  if (before !== undefined) return before;
  const parts = new Map(FORMAT.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? "";
  const at: WallTime = {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    weekday: part("weekday"),
    time: `${part("hour")}:${part("minute")}:${part("second")}`,
    utc: new Date(atMs).toISOString().slice(11, 19),
  };
  known.set(atMs, at);
  return at;
}

function done(
  job: string,
  row: string,
  isDue: ExpectedJob["isDue"],
  provider: MockedProvider | null,
): ExpectedJob {
  return { job, row, isDue, worker: "somebody", provider };
}

function undone(job: string, row: string, isDue: ExpectedJob["isDue"]): ExpectedJob {
  return { job, row, isDue, worker: "nobody yet", provider: null };
}

function isMinute({ time }: WallTime, every: number): boolean {
  return time.endsWith(":00") && Number(time.slice(3, 5)) % every === 0;
}

function closeOf(date: string): string {
  return isEarlyClose(date) ? "13:00:00" : "16:00:00";
}

function isOpen({ date, time }: WallTime): boolean {
  return isTradingDay(date) && time >= "09:30:00" && time < closeOf(date);
}

function isOpenOrBefore({ date, time }: WallTime): boolean {
  return isTradingDay(date) && time >= "04:00:00" && time < closeOf(date);
}

function isToClose(at: WallTime): boolean {
  return isOpen(at) || (isTradingDay(at.date) && at.time === closeOf(at.date));
}

function isNoonOrMidnight({ time }: WallTime): boolean {
  return time === "00:00:00" || time === "12:00:00";
}

function isMonOrWed({ weekday, time }: WallTime, at: string): boolean {
  return (weekday === "Mon" || weekday === "Wed") && time === `${at}:00`;
}
