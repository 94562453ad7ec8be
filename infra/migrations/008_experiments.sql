-- Schema: read_model
-- Experiments and their results are projected. A result may come before its experiment, so it keeps
-- the name, and experiment_id follows when both are there.

-- Up Migration
ALTER TABLE ab_testing_experiments ADD COLUMN IF NOT EXISTS decided_at timestamptz;
ALTER TABLE ab_testing_results ADD COLUMN IF NOT EXISTS experiment_name varchar(100);
ALTER TABLE ab_testing_results ADD COLUMN IF NOT EXISTS simulated boolean;
ALTER TABLE ab_testing_results ADD COLUMN IF NOT EXISTS event bytea;
CREATE INDEX IF NOT EXISTS idx_ab_testing_results_newest
  ON ab_testing_results (experiment_name, request_timestamp DESC, event_id DESC)
  INCLUDE (strategy_name, candidates_count);
-- Without an order: a page of an experiment that is over would be looked for among all newer results.
CREATE INDEX IF NOT EXISTS idx_ab_testing_results_tick
  ON ab_testing_results USING hash (request_timestamp);
-- After a way down rows are left without the columns above, and what was projected is not written
-- again. They are taken away, and what filled them is read again from the start.
DELETE FROM ab_testing_results;
DELETE FROM ab_testing_experiments;
DELETE FROM projection_positions WHERE topic IN ('ops.control.v1', 'experiments.result.v1');

-- Down Migration
DROP INDEX IF EXISTS idx_ab_testing_results_tick;
DROP INDEX IF EXISTS idx_ab_testing_results_newest;
ALTER TABLE ab_testing_results DROP COLUMN IF EXISTS event;
ALTER TABLE ab_testing_results DROP COLUMN IF EXISTS simulated;
ALTER TABLE ab_testing_results DROP COLUMN IF EXISTS experiment_name;
ALTER TABLE ab_testing_experiments DROP COLUMN IF EXISTS decided_at;
