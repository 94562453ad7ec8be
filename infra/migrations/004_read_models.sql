-- Schema: read_model
-- What the query API answers from. Nothing in these tables is anywhere but in the log: times come
-- from events (milliseconds, UTC), scores are the events' own doubles, ids are ce_ids. happened_at,
-- published_at and captured_at are the three times of every event.

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
  score double precision NOT NULL,
  confidence double precision NOT NULL,
  price double precision,
  strategy varchar(50) NOT NULL,
  profile varchar(50) NOT NULL,
  preset varchar(50) NOT NULL,
  config_version text NOT NULL,
  verdict_id uuid NOT NULL,
  features_id uuid NOT NULL,
  thesis text NOT NULL,
  reasons jsonb NOT NULL,
  contributions jsonb NOT NULL,
  volume_spike double precision,
  squeeze_label text,
  squeeze_score double precision,
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
  ON recommendations (happened_at DESC, event_id);
CREATE INDEX IF NOT EXISTS idx_recommendations_symbol_happened
  ON recommendations (symbol, happened_at DESC);

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
  candidates jsonb NOT NULL,
  eliminations jsonb NOT NULL,
  stage_counts jsonb NOT NULL,
  confidence_buckets jsonb NOT NULL,
  health_score double precision,
  health_status text NOT NULL,
  health_messages jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_discovery_runs_slot ON discovery_runs (slot DESC, run_id);

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
  reasons jsonb NOT NULL,
  contributions jsonb NOT NULL,
  shares_short double precision,
  short_fraction double precision,
  days_to_cover double precision,
  short_published_at timestamptz,
  volume_spike double precision,
  squeeze_label text,
  squeeze_score double precision
);
CREATE INDEX IF NOT EXISTS idx_candidates_slot_score ON candidates (slot DESC, score DESC, symbol);
CREATE INDEX IF NOT EXISTS idx_candidates_squeeze
  ON candidates (slot DESC, squeeze_score DESC) WHERE squeeze_score IS NOT NULL;

-- Every evaluation with each gate's margin, passed or not: the ledger of near misses.
CREATE TABLE IF NOT EXISTS verdicts (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  trading_day date NOT NULL,
  -- Null for an evaluation between two slots, when a level was crossed.
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
  first_failure text,
  gates jsonb NOT NULL,
  float_path text,
  soft_factor double precision NOT NULL,
  soft_penalties jsonb NOT NULL,
  contributions jsonb NOT NULL,
  tags jsonb NOT NULL,
  evaluable boolean NOT NULL,
  price_volume_passed boolean NOT NULL,
  missing jsonb NOT NULL,
  shares_short double precision,
  short_fraction double precision,
  days_to_cover double precision,
  short_published_at timestamptz,
  volume_spike double precision,
  reasons jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_verdicts_near_miss
  ON verdicts (slot DESC, raw_score DESC NULLS LAST, symbol) WHERE NOT passed;
CREATE INDEX IF NOT EXISTS idx_verdicts_symbol_happened ON verdicts (symbol, happened_at DESC);

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
  signals jsonb NOT NULL,
  components jsonb NOT NULL,
  missing jsonb NOT NULL,
  data_sources jsonb NOT NULL,
  error text
);
CREATE INDEX IF NOT EXISTS idx_detections_symbol_happened
  ON detections (symbol, happened_at DESC, detector);

-- features holds the whole event as JSON, keys as the schema signals/Features names them.
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
  features jsonb NOT NULL
);

-- The features that verdicts refer to; those of plain slices are in the log only.
CREATE TABLE IF NOT EXISTS features_slot (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  slot timestamptz,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  trigger varchar(20) NOT NULL,
  session varchar(20) NOT NULL,
  trading_day date NOT NULL,
  price double precision,
  features jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_features_slot_symbol_happened
  ON features_slot (symbol, happened_at DESC);
CREATE INDEX IF NOT EXISTS idx_features_slot_slot ON features_slot (slot DESC, symbol);

CREATE TABLE IF NOT EXISTS prices_latest (
  symbol varchar(10) PRIMARY KEY,
  event_id uuid NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  source text NOT NULL,
  interval_ms bigint NOT NULL,
  open double precision,
  high double precision,
  low double precision,
  close double precision NOT NULL,
  volume double precision,
  volume_scope varchar(20) NOT NULL
);

CREATE TABLE IF NOT EXISTS alerts (
  event_id uuid PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  alert_type varchar(50) NOT NULL,
  episode text NOT NULL,
  priority varchar(20) NOT NULL,
  audience text NOT NULL,
  subject_id uuid NOT NULL,
  title varchar(200) NOT NULL,
  message text NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_alerts_happened ON alerts (happened_at DESC, event_id);
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
  simulated boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_alert_deliveries_alert ON alert_deliveries (alert_id, attempt);

-- Down Migration
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
