import { bytes, instant, integer, json, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** One row per job and instant: what its run has come to. */
export const jobRuns = {
  key: ["run_id"],
  newestBy: ["steps", "event_id"],
  columns: {
    run_id: uuid,
    job: text(200),
    due_at: instant,
    state: text(20),
    attempt: integer,
    /** Steps that the run has made: clocks go back, attempts do not. */
    steps: integer,
    retry_at: nullable(instant),
    event_id: uuid,
    event: bytes,
  },
} as const satisfies Table;

/** R-DB-10. Runs of the jobs of short interest; one that was skipped before it began is none. */
export const shortInterestJobs = {
  key: ["run_id"],
  newestBy: ["steps", "event_id"],
  columns: {
    job_type: text(50),
    /** pending between two attempts, running, completed, failed. */
    status: nullable(text(20)),
    started_at: nullable(instant),
    completed_at: nullable(instant),
    symbols_processed: nullable(integer),
    symbols_successful: nullable(integer),
    symbols_failed: nullable(integer),
    error_details: nullable(json),
    processing_time_seconds: nullable(integer),
    next_run_at: nullable(instant),
    event_id: nullable(uuid),
    run_id: nullable(uuid),
    job: nullable(text(200)),
    steps: nullable(integer),
  },
} as const satisfies Table;
