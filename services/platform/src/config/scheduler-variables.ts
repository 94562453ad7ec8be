import { flag, wholeNumber } from "./variable-kinds.ts";

const MINUTE_MS = 60_000;

/** What was celery's and APScheduler's to be told (R-PY-12, R-ENV-13); the zone is New York's. */
export const SCHEDULER_VARIABLES = {
  SCHEDULER_ENABLED: flag(true),
  // Slots and sessions begin on whole minutes, which have to have a tick.
  SCHEDULER_TICK_MS: wholeNumber(1_000, 100, MINUTE_MS).refine(
    (ms) => MINUTE_MS % ms === 0,
    "must divide a minute: 100, 250, 500, 1000, 5000, 15000, 60000, …",
  ),
  SCHEDULER_WAIT_MS: wholeNumber(2_000, 0, MINUTE_MS),
  // CELERY_WORKER_CONCURRENCY of the planning documents (R-JOB-21).
  SCHEDULER_JOB_CONCURRENCY: wholeNumber(2, 1, 16),
  // CELERY_TASK_ALWAYS_EAGER of the planning documents (R-ENV-17).
  SCHEDULER_JOBS_INLINE: flag(false),
} as const;

export const SCHEDULER_VARIABLE_DOCS: Readonly<Record<keyof typeof SCHEDULER_VARIABLES, string>> = {
  SCHEDULER_ENABLED: "whether the scheduler publishes time; false: no ticks",
  SCHEDULER_TICK_MS:
    "ms between ticks from 04:00 to 20:00 ET of trading days; half a minute otherwise",
  SCHEDULER_WAIT_MS: "ms from the instant of a tick to its cut: what reaches the log later is late",
  SCHEDULER_JOB_CONCURRENCY:
    "scheduled jobs that one service does at a time, such as collections; each of them once",
  SCHEDULER_JOBS_INLINE:
    "for tests: with --live, time waits until the jobs of each tick are over, their retries too",
};
