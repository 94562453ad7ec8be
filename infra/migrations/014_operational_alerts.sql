-- Schema: read_model
-- What whoever operates the system has to look into, one row for each cause: no alerts for traders.

-- Up Migration
CREATE TABLE IF NOT EXISTS operational_alerts (
  event_id uuid PRIMARY KEY,
  kind varchar(200) NOT NULL,
  severity varchar(20) NOT NULL,
  subject varchar(200) NOT NULL,
  happened_at timestamptz NOT NULL,
  raised_at timestamptz NOT NULL,
  finding text NOT NULL,
  simulated boolean NOT NULL,
  event bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_operational_alerts_newest
  ON operational_alerts (happened_at DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_operational_alerts_kind_newest
  ON operational_alerts (kind, happened_at DESC, event_id DESC);
-- By age for a cleanup, as an expression for the reason that 009 gives.
CREATE INDEX IF NOT EXISTS idx_operational_alerts_age
  ON operational_alerts ((happened_at AT TIME ZONE 'UTC'));
-- After a way down there are none: they are read again from the start.
DELETE FROM projection_positions WHERE topic = 'ops.alert-raised.v1';

-- Down Migration
DROP TABLE IF EXISTS operational_alerts;
