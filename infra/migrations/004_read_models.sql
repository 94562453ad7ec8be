-- Schema: read_model
-- What the query API answers from. Nothing in these tables is anywhere but in the log: times come
-- from events (milliseconds, UTC), ids are ce_ids, words of enumerations are in lower case.
-- happened_at, published_at and captured_at are the three times of every event.
--
-- `event` is the record's value as it lies in the log; columns repeat what lists are filtered,
-- ordered and joined by. As bytes it is stored seven times as fast as the same event as jsonb
-- (58,000 to 8,000 features rows a second), so it is also neither compressed nor moved out of line.

-- Up Migration

-- A table of the first system (R-DB-11), extended by the short-interest columns it names.
CREATE TABLE IF NOT EXISTS recommendations (
  id serial PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  run_id uuid NOT NULL,
  symbol varchar(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamptz NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  session varchar(20) NOT NULL,
  rank integer NOT NULL,
  label varchar(20) NOT NULL,
  previous_label varchar(20) NOT NULL,
  score decimal(5,4) NOT NULL,
  confidence decimal(5,4) NOT NULL,
  price decimal(10,4),
  strategy varchar(50) NOT NULL,
  profile varchar(50) NOT NULL,
  preset varchar(50) NOT NULL,
  config_version text NOT NULL,
  verdict_id uuid NOT NULL,
  features_id uuid NOT NULL,
  thesis text NOT NULL,
  event bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE recommendations
  ADD COLUMN IF NOT EXISTS short_interest_shares bigint,
  ADD COLUMN IF NOT EXISTS short_percent_float decimal(5,4),
  ADD COLUMN IF NOT EXISTS days_to_cover decimal(10,2),
  ADD COLUMN IF NOT EXISTS short_interest_quality decimal(3,2),
  ADD COLUMN IF NOT EXISTS short_interest_updated_at timestamptz;
CREATE INDEX IF NOT EXISTS idx_recommendations_short_percent
  ON recommendations (short_percent_float) WHERE short_percent_float IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_recommendations_days_cover
  ON recommendations (days_to_cover) WHERE days_to_cover IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_recommendations_happened
  ON recommendations (happened_at DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_recommendations_symbol_happened
  ON recommendations (symbol, happened_at DESC, event_id DESC);

CREATE TABLE IF NOT EXISTS discovery_runs (
  run_id uuid PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  trading_day date NOT NULL,
  slot timestamptz NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  session varchar(20) NOT NULL,
  strategy varchar(50) NOT NULL,
  profile varchar(50) NOT NULL,
  preset varchar(50) NOT NULL,
  config_version text NOT NULL,
  universe integer NOT NULL,
  evaluable integer NOT NULL,
  price_volume_passed integer NOT NULL,
  passed integer NOT NULL,
  candidates_before_cap integer NOT NULL,
  candidates integer NOT NULL,
  health_score double precision,
  health_status varchar(20) NOT NULL,
  event bytea NOT NULL,
  -- Measured by the runtime; null until its timings are projected.
  execution_ms integer
);
CREATE INDEX IF NOT EXISTS idx_discovery_runs_happened
  ON discovery_runs (happened_at DESC, event_id DESC);

CREATE TABLE IF NOT EXISTS candidates (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamptz NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  session varchar(20) NOT NULL,
  strategy varchar(50) NOT NULL,
  profile varchar(50) NOT NULL,
  preset varchar(50) NOT NULL,
  config_version text NOT NULL,
  verdict_id uuid NOT NULL,
  features_id uuid NOT NULL,
  score double precision NOT NULL,
  confidence double precision NOT NULL,
  listed boolean NOT NULL,
  label varchar(20) NOT NULL,
  price double precision,
  volume_spike double precision,
  short_fraction double precision,
  squeeze_label text,
  squeeze_score double precision,
  event bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_candidates_slot
  ON candidates (slot DESC, strategy, profile, config_version);

-- Every evaluation, passed or not: the ledger of near misses.
CREATE TABLE IF NOT EXISTS verdicts (
  event_id uuid PRIMARY KEY,
  -- The run it belongs to; null for an evaluation between two slots, when a level was crossed.
  run_id uuid,
  symbol varchar(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamptz,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  session varchar(20) NOT NULL,
  strategy varchar(50) NOT NULL,
  profile varchar(50) NOT NULL,
  preset varchar(50) NOT NULL,
  config_version text NOT NULL,
  features_id uuid NOT NULL,
  detection_ids uuid[] NOT NULL,
  price double precision,
  passed boolean NOT NULL,
  label varchar(20) NOT NULL,
  score double precision NOT NULL,
  raw_score double precision,
  confidence double precision NOT NULL,
  first_failure varchar(50),
  -- Hard gates that failed.
  failed_gates integer NOT NULL,
  soft_penalties jsonb NOT NULL,
  event bytea NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX IF NOT EXISTS idx_verdicts_near_miss
  ON verdicts (happened_at DESC, event_id DESC) WHERE failed_gates > 0;
CREATE INDEX IF NOT EXISTS idx_verdicts_symbol_happened
  ON verdicts (symbol, happened_at DESC, event_id DESC);
-- Evaluations by features event: a detection that arrives after its verdict finds it by this.
CREATE INDEX IF NOT EXISTS idx_verdicts_features ON verdicts (features_id);

CREATE TABLE IF NOT EXISTS detections (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  detector varchar(50) NOT NULL,
  slot timestamptz,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  features_id uuid NOT NULL,
  score double precision,
  confidence double precision NOT NULL,
  label text,
  data_sources text[] NOT NULL,
  error text,
  event bytea NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX IF NOT EXISTS idx_detections_features ON detections (features_id);

-- Rewritten with every slice: half of each page is left free so that a new version of a row stays
-- on its page and no index changes (103,000 instead of 60,000 rows a second).
CREATE TABLE IF NOT EXISTS features_latest (
  symbol varchar(10) PRIMARY KEY,
  event_id uuid NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  slot timestamptz,
  session varchar(20) NOT NULL,
  trading_day date NOT NULL,
  price double precision,
  price_at timestamptz,
  prev_close double precision,
  vwap double precision,
  relvol_30 double precision,
  volume_spike double precision,
  atr_pct double precision,
  rsi_14 double precision,
  ema_9 double precision,
  ema_20 double precision,
  short_fraction double precision,
  days_to_cover double precision,
  completed_sessions integer NOT NULL,
  flags text[] NOT NULL,
  event bytea NOT NULL
) WITH (toast_tuple_target = 8160, fillfactor = 50);

-- The features that verdicts refer to; those of plain slices are in the log only.
CREATE TABLE IF NOT EXISTS features_slot (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  slot timestamptz,
  session varchar(20) NOT NULL,
  trading_day date NOT NULL,
  price double precision,
  price_at timestamptz,
  prev_close double precision,
  vwap double precision,
  relvol_30 double precision,
  volume_spike double precision,
  atr_pct double precision,
  rsi_14 double precision,
  ema_9 double precision,
  ema_20 double precision,
  short_fraction double precision,
  days_to_cover double precision,
  completed_sessions integer NOT NULL,
  flags text[] NOT NULL,
  event bytea NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX IF NOT EXISTS idx_features_slot_symbol_happened
  ON features_slot (symbol, happened_at DESC, event_id DESC);

ALTER TABLE verdicts ALTER COLUMN event SET STORAGE EXTERNAL;
ALTER TABLE detections ALTER COLUMN event SET STORAGE EXTERNAL;
ALTER TABLE features_latest ALTER COLUMN event SET STORAGE EXTERNAL;
ALTER TABLE features_slot ALTER COLUMN event SET STORAGE EXTERNAL;

CREATE TABLE IF NOT EXISTS prices_latest (
  symbol varchar(10) PRIMARY KEY,
  event_id uuid NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  source text NOT NULL,
  kind varchar(20) NOT NULL,
  interval_ms integer NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  volume_scope varchar(20) NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS alerts (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  alert_type varchar(50) NOT NULL,
  episode text NOT NULL,
  priority varchar(20) NOT NULL,
  audience text NOT NULL,
  subject_id uuid NOT NULL,
  title varchar(200) NOT NULL,
  message varchar(1600) NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_alerts_happened ON alerts (happened_at DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_alerts_subject ON alerts (subject_id);

-- One row per attempt; a table of its own, because requests and deliveries come on two topics and
-- rows may not depend on which is read first.
CREATE TABLE IF NOT EXISTS alert_deliveries (
  event_id uuid PRIMARY KEY,
  alert_id uuid NOT NULL,
  symbol varchar(10) NOT NULL,
  channel varchar(50) NOT NULL,
  status varchar(20) NOT NULL,
  attempt integer NOT NULL,
  error text,
  source text NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_alert_deliveries_alert ON alert_deliveries (alert_id, attempt);

-- What the runtime measured about each stage when a slot closed; each projection that joins it in
-- keeps its own copy, so that no projection waits for another one's transaction.
CREATE TABLE IF NOT EXISTS stage_timings (
  projection varchar(100) NOT NULL,
  stage varchar(50) NOT NULL,
  partition integer NOT NULL,
  happened_at timestamptz NOT NULL,
  slot timestamptz NOT NULL,
  events bigint NOT NULL,
  total_ms double precision NOT NULL,
  max_ms double precision NOT NULL,
  errors bigint NOT NULL,
  PRIMARY KEY (projection, happened_at, stage, partition)
);

-- Down Migration
DROP TABLE IF EXISTS stage_timings;
DROP TABLE IF EXISTS alert_deliveries;
DROP TABLE IF EXISTS alerts;
DROP TABLE IF EXISTS prices_latest;
DROP TABLE IF EXISTS features_slot;
DROP TABLE IF EXISTS features_latest;
DROP TABLE IF EXISTS detections;
DROP TABLE IF EXISTS verdicts;
DROP TABLE IF EXISTS candidates;
DROP TABLE IF EXISTS discovery_runs;
DROP TABLE IF EXISTS recommendations;
