-- Schema: read_model
-- Figures of the running system by the hour, one row each, with how they compare with hours like it.

-- Up Migration
CREATE TABLE IF NOT EXISTS hour_metrics (
  event_id uuid PRIMARY KEY,
  metric varchar(200) NOT NULL,
  subject varchar(200) NOT NULL,
  simulated boolean NOT NULL,
  happened_at timestamptz NOT NULL,
  value double precision,
  verdict varchar(20) NOT NULL,
  event bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_hour_metrics_newest ON hour_metrics (happened_at DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_hour_metrics_metric_newest
  ON hour_metrics (metric, happened_at DESC, event_id DESC);
-- By age for a cleanup, as an expression for the reason that 009 gives.
CREATE INDEX IF NOT EXISTS idx_hour_metrics_age ON hour_metrics ((happened_at AT TIME ZONE 'UTC'));
-- After a way down there are none: they are read again from the start.
DELETE FROM projection_positions WHERE topic = 'ops.hour-metric.v1';

-- Down Migration
DROP TABLE IF EXISTS hour_metrics;
