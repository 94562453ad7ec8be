-- Schema: read_model
-- Runs of scheduled jobs, one row each, and those about short interest as the requirements name them
-- (R-DB-10): a row there follows its run from beginning to end, so it needs the run's own key.

-- Up Migration
CREATE TABLE IF NOT EXISTS job_runs (
  run_id uuid PRIMARY KEY,
  job varchar(200) NOT NULL,
  due_at timestamptz NOT NULL,
  state varchar(20) NOT NULL,
  attempt integer NOT NULL,
  steps integer NOT NULL,
  retry_at timestamptz,
  event_id uuid NOT NULL,
  event bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_job_runs_newest ON job_runs (due_at DESC, run_id DESC);
CREATE INDEX IF NOT EXISTS idx_job_runs_job_newest ON job_runs (job, due_at DESC, run_id DESC);
CREATE INDEX IF NOT EXISTS idx_job_runs_state_newest ON job_runs (state, due_at DESC, run_id DESC);
-- By age for a cleanup, as an expression for the reason that 009 gives.
CREATE INDEX IF NOT EXISTS idx_job_runs_age ON job_runs ((due_at AT TIME ZONE 'UTC'));

ALTER TABLE short_interest_jobs ADD COLUMN IF NOT EXISTS run_id uuid UNIQUE;
ALTER TABLE short_interest_jobs ADD COLUMN IF NOT EXISTS job varchar(200);
ALTER TABLE short_interest_jobs ADD COLUMN IF NOT EXISTS steps integer;
CREATE INDEX IF NOT EXISTS idx_short_interest_jobs_age
  ON short_interest_jobs ((started_at AT TIME ZONE 'UTC'));
-- After a way down rows are left without the columns above: they are read again from the start.
DELETE FROM short_interest_jobs;
DELETE FROM projection_positions WHERE topic = 'ops.job-run.v1';

-- Down Migration
DROP INDEX IF EXISTS idx_short_interest_jobs_age;
ALTER TABLE short_interest_jobs DROP COLUMN IF EXISTS steps;
ALTER TABLE short_interest_jobs DROP COLUMN IF EXISTS job;
ALTER TABLE short_interest_jobs DROP COLUMN IF EXISTS run_id;
DROP TABLE IF EXISTS job_runs;
