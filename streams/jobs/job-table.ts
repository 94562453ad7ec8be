import type { Weekday } from "../market/calendar-date.ts";

/**
 * When a job runs by the wall clock. Times are New York's unless the zone says otherwise; one that is
 * skipped in March moves an hour ahead, one that comes twice in November is the first.
 */
export interface DailySchedule {
  readonly kind: "daily";
  /** `HH:MM`, ascending. */
  readonly times: readonly string[];
  readonly zone: "America/New_York" | "UTC";
  /** Calendar days in that zone; trading days are those of the exchanges. */
  readonly days: "every" | "trading" | readonly Weekday[];
}

/** When a job runs again and again, on whole multiples of its period since 1970. */
export interface PeriodicSchedule {
  readonly kind: "periodic";
  /** Ms; divides an hour, so that it stands on the same minutes in every zone and season. */
  readonly everyMs: number;
  readonly during: During;
}

/**
 * The part of the day in which a periodic job runs. `regular` is the regular session, which ends before
 * its close; `regular-to-close` has the close as well; `premarket-and-regular` begins at 04:00 ET;
 * `off-hours` is whenever the regular session is not.
 */
export type During =
  | "always"
  | "regular"
  | "regular-to-close"
  | "premarket-and-regular"
  | "off-hours";

export type JobSchedule = DailySchedule | PeriodicSchedule;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const MONDAY: Weekday = 1;
const WEDNESDAY: Weekday = 3;

/**
 * Every scheduled job of the planning documents, under their names (domain-facts §17, R-JOB-01 to 19).
 * Entries without a zone are read as New York's; only the cleanup is UTC, so that it lies in the
 * maintenance window. Discovery itself is no job: slots are the clock's.
 */
export const JOBS = {
  discovery_flow_monitor: every(30 * SECOND_MS, "always"),
  recommendation_performance_tracker: every(5 * MINUTE_MS, "regular"),
  portfolio_dip_scanner: every(2 * MINUTE_MS, "premarket-and-regular"),
  alert_processor: every(30 * SECOND_MS, "always"),
  learning_feedback_processor: every(10 * MINUTE_MS, "off-hours"),
  health_check: every(30 * SECOND_MS, "always"),
  "check-finra-schedule": daily("09:00"),
  // The 720-minute check of the planning documents, on the wall clock.
  short_interest_check: daily("00:00", "12:00"),
  "collect-short-interest-data": { ...daily("10:00"), days: [MONDAY, WEDNESDAY] },
  "validate-data-quality": { ...daily("11:00"), days: [MONDAY, WEDNESDAY] },
  finra_daily_short_volume: { ...daily("18:30"), days: "trading" },
  finra_weekly_short_interest: { ...daily("18:00"), days: [MONDAY] },
  alpha_vantage_options_daily: daily("19:00"),
  iv_percentile_calculation: daily("19:30"),
  discovery_cache_clear: daily("05:00"),
  performance_metrics_aggregation: every(HOUR_MS, "regular-to-close"),
  circuit_breaker_reset: every(15 * MINUTE_MS, "always"),
  data_quality_health_check: every(30 * MINUTE_MS, "regular-to-close"),
  ab_test_analysis: daily("16:15"),
  experiment_lifecycle: daily("23:59"),
  data_cleanup: { ...daily("02:00"), zone: "UTC" },
} as const satisfies Record<string, JobSchedule>;

export type JobName = keyof typeof JOBS;

export const JOB_NAMES: readonly JobName[] = Object.keys(JOBS).filter(isJobName);

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function daily(...times: readonly string[]): DailySchedule {
  return { kind: "daily", times, zone: "America/New_York", days: "every" };
}

function every(everyMs: number, during: During): PeriodicSchedule {
  return { kind: "periodic", everyMs, during };
}
