-- Schema: read_model
-- Columns as the requirements name them (R-DB-12 to R-DB-17); event_id is ours: the ce_id of the
-- event a row was projected from, by which rows are found again and compared.

-- Up Migration
CREATE TABLE IF NOT EXISTS provider_api_calls (
  id serial PRIMARY KEY,
  provider_name varchar(50) NOT NULL,
  endpoint varchar(255) NOT NULL,
  request_timestamp timestamptz DEFAULT now(),
  response_time_ms integer,
  status_code integer,
  success boolean NOT NULL,
  error_message text,
  rate_limited boolean DEFAULT false,
  circuit_breaker_open boolean DEFAULT false,
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_provider_timestamp
  ON provider_api_calls (provider_name, request_timestamp);
CREATE INDEX IF NOT EXISTS idx_provider_success
  ON provider_api_calls (provider_name, success, request_timestamp);

CREATE TABLE IF NOT EXISTS detector_performance (
  id serial PRIMARY KEY,
  discovery_run_id uuid NOT NULL,
  detector_name varchar(50) NOT NULL,
  symbol varchar(10) NOT NULL,
  raw_score decimal(5,4),
  confidence_score decimal(5,4),
  execution_time_ms integer,
  data_sources_used text[],
  hard_gate_passed boolean,
  soft_gate_penalties jsonb,
  created_at timestamptz DEFAULT now(),
  event_id uuid,
  -- One detection counts for every strategy that ran on it, so its id alone is not unique here.
  UNIQUE (discovery_run_id, detector_name, symbol)
);
CREATE INDEX IF NOT EXISTS idx_detector_performance
  ON detector_performance (detector_name, created_at);
CREATE INDEX IF NOT EXISTS idx_discovery_symbol
  ON detector_performance (discovery_run_id, symbol);

CREATE TABLE IF NOT EXISTS ab_testing_experiments (
  id serial PRIMARY KEY,
  experiment_name varchar(100) NOT NULL UNIQUE,
  start_date timestamptz NOT NULL,
  end_date timestamptz,
  traffic_split jsonb NOT NULL,
  success_metrics jsonb NOT NULL,
  status varchar(20) DEFAULT 'ACTIVE',
  metadata jsonb,
  created_at timestamptz DEFAULT now(),
  event_id uuid UNIQUE
);

CREATE TABLE IF NOT EXISTS ab_testing_results (
  id serial PRIMARY KEY,
  experiment_id integer REFERENCES ab_testing_experiments (id),
  strategy_name varchar(50) NOT NULL,
  discovery_run_id uuid NOT NULL,
  request_timestamp timestamptz DEFAULT now(),
  candidates_count integer,
  execution_time_ms integer,
  success_metrics_data jsonb,
  user_agent_hash varchar(64),
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_experiment_strategy
  ON ab_testing_results (experiment_id, strategy_name);
CREATE INDEX IF NOT EXISTS idx_experiment_timestamp
  ON ab_testing_results (experiment_id, request_timestamp);

CREATE TABLE IF NOT EXISTS circuit_breaker_events (
  id serial PRIMARY KEY,
  provider_name varchar(50) NOT NULL,
  event_type varchar(20) NOT NULL CHECK (event_type IN ('OPENED', 'CLOSED', 'HALF_OPENED')),
  trigger_reason text,
  failure_count integer,
  event_timestamp timestamptz DEFAULT now(),
  auto_recovery_at timestamptz,
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_provider_events
  ON circuit_breaker_events (provider_name, event_timestamp);

CREATE TABLE IF NOT EXISTS discovery_audit_log (
  id serial PRIMARY KEY,
  discovery_run_id uuid NOT NULL UNIQUE,
  strategy_used varchar(50) NOT NULL,
  session_type varchar(20) NOT NULL,
  universe_size integer NOT NULL,
  candidates_found integer NOT NULL,
  total_execution_time_ms integer NOT NULL,
  provider_success_rates jsonb,
  gate_failure_stats jsonb,
  confidence_distribution jsonb,
  metadata jsonb,
  created_at timestamptz DEFAULT now(),
  event_id uuid UNIQUE,
  -- total_execution_time_ms may not be null, but timings arrive on a topic of their own and may be
  -- missing; while this is false the figure says nothing.
  execution_time_measured boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS idx_discovery_strategy
  ON discovery_audit_log (strategy_used, created_at);
CREATE INDEX IF NOT EXISTS idx_discovery_session
  ON discovery_audit_log (session_type, created_at);

-- Down Migration
-- The order is the seed's own (R-DB-18); results go before the experiments they refer to.
DROP TABLE IF EXISTS discovery_audit_log;
DROP TABLE IF EXISTS circuit_breaker_events;
DROP TABLE IF EXISTS ab_testing_results;
DROP TABLE IF EXISTS ab_testing_experiments;
DROP TABLE IF EXISTS detector_performance;
DROP TABLE IF EXISTS provider_api_calls;
