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

/** How a run goes about time that is lost and work that fails. */
export interface JobRules {
  /** An attempt that takes longer is ended, ms. */
  readonly limitMs: number;
  /**
   * What becomes of an instant that nobody took in time. `run-once-late`: of all that were missed within
   * the day (04:00 ET to 04:00 ET) the newest is done, however late. `skip`: it is over with the next
   * period, and what it would have found is found by the next run.
   */
  readonly misfire: "run-once-late" | "skip";
  /** Attempts at one run, the first included. */
  readonly attempts: number;
  /** From a failure to the next attempt, ms. */
  readonly retryWaitMs: number;
}

export type Job = JobSchedule & JobRules;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const MONDAY: Weekday = 1;
const WEDNESDAY: Weekday = 3;

/** A look at how things stand: one that was missed or failed is not worth a second. */
function look(limitMs: number): JobRules {
  return { limitMs, misfire: "skip", attempts: 1, retryWaitMs: 0 };
}

/** Work that somebody waits for: done late rather than not, and tried again. */
function work(limitMs: number, attempts: number, retryWaitMs = 0): JobRules {
  return { limitMs, misfire: "run-once-late", attempts, retryWaitMs };
}

/** A provider that was asked in vain is asked again before the evening is over. */
const COLLECTION = work(30 * MINUTE_MS, 3, 15 * MINUTE_MS);

/**
 * Every scheduled job of the planning documents, under their names (domain-facts §17, R-JOB-01 to 19).
 * Entries without a zone are read as New York's; only the cleanup is UTC, so that it lies in the
 * maintenance window. Discovery itself is no job: slots are the clock's.
 *
 * Limits of R-JOB-01 to 05 and their ways to fail are the documents' (fails silently: one attempt;
 * retries later or at once: two); where they name none, a limit is a multiple of what the work takes
 * and short of the next run.
 */
export const JOBS = {
  discovery_flow_monitor: { ...every(30 * SECOND_MS, "always"), ...look(10 * SECOND_MS) },
  recommendation_performance_tracker: {
    ...every(5 * MINUTE_MS, "regular"),
    ...work(60 * SECOND_MS, 2, MINUTE_MS),
  },
  portfolio_dip_scanner: {
    ...every(2 * MINUTE_MS, "premarket-and-regular"),
    ...look(30 * SECOND_MS),
  },
  alert_processor: { ...every(30 * SECOND_MS, "always"), ...work(15 * SECOND_MS, 2) },
  // Late, it would run in the hours that it is to keep out of.
  learning_feedback_processor: { ...every(10 * MINUTE_MS, "off-hours"), ...look(5 * MINUTE_MS) },
  health_check: { ...every(30 * SECOND_MS, "always"), ...look(10 * SECOND_MS) },
  "check-finra-schedule": { ...daily("09:00"), ...work(5 * MINUTE_MS, 3, 15 * MINUTE_MS) },
  // The 720-minute check of the planning documents, on the wall clock.
  short_interest_check: { ...daily("00:00", "12:00"), ...COLLECTION },
  "collect-short-interest-data": {
    ...{ ...daily("10:00"), days: [MONDAY, WEDNESDAY] },
    ...COLLECTION,
  },
  "validate-data-quality": {
    ...{ ...daily("11:00"), days: [MONDAY, WEDNESDAY] },
    ...work(15 * MINUTE_MS, 2, 5 * MINUTE_MS),
  },
  finra_daily_short_volume: { ...daily("18:30"), days: "trading", ...COLLECTION },
  finra_weekly_short_interest: { ...daily("18:00"), days: [MONDAY], ...COLLECTION },
  // At five calls a minute 150 symbols are through before 19:30 (domain-facts §7), 900 in three hours.
  alpha_vantage_options_daily: { ...daily("19:00"), ...work(3 * HOUR_MS, 3, 15 * MINUTE_MS) },
  iv_percentile_calculation: { ...daily("19:30"), ...work(15 * MINUTE_MS, 3, 15 * MINUTE_MS) },
  discovery_cache_clear: { ...daily("05:00"), ...work(MINUTE_MS, 2, MINUTE_MS) },
  performance_metrics_aggregation: {
    ...every(HOUR_MS, "regular-to-close"),
    ...work(5 * MINUTE_MS, 2, MINUTE_MS),
  },
  circuit_breaker_reset: { ...every(15 * MINUTE_MS, "always"), ...look(5 * MINUTE_MS) },
  data_quality_health_check: {
    ...every(30 * MINUTE_MS, "regular-to-close"),
    ...look(5 * MINUTE_MS),
  },
  ab_test_analysis: { ...daily("16:15"), ...work(10 * MINUTE_MS, 2, MINUTE_MS) },
  experiment_lifecycle: { ...daily("23:59"), ...work(10 * MINUTE_MS, 2, MINUTE_MS) },
  data_cleanup: { ...daily("02:00"), zone: "UTC", ...work(HOUR_MS, 3, 5 * MINUTE_MS) },
} as const satisfies Record<string, Job>;

export type JobName = keyof typeof JOBS;

export const JOB_NAMES: readonly JobName[] = Object.keys(JOBS).filter(isJobName);

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function daily(...times: readonly string[]): DailySchedule {
  return { kind: "daily", times, zone: "America/New_York", days: "every" };
}

function every(everyMs: number, during: During): PeriodicSchedule {
  return { kind: "periodic", everyMs, during };
}
