-- What the migrations lead to. Written by their test: vitest run migrate.int --update

CREATE SCHEMA monitoring;

CREATE SCHEMA read_model;

CREATE TABLE read_model.ab_testing_experiments (
  id integer NOT NULL DEFAULT nextval('read_model.ab_testing_experiments_id_seq'::regclass),
  experiment_name character varying(100) NOT NULL,
  start_date timestamp with time zone NOT NULL,
  end_date timestamp with time zone,
  traffic_split jsonb NOT NULL,
  success_metrics jsonb NOT NULL,
  status character varying(20) DEFAULT 'ACTIVE'::character varying,
  metadata jsonb,
  created_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  decided_at timestamp with time zone,
  CONSTRAINT ab_testing_experiments_pkey PRIMARY KEY (id),
  CONSTRAINT ab_testing_experiments_event_id_key UNIQUE (event_id),
  CONSTRAINT ab_testing_experiments_experiment_name_key UNIQUE (experiment_name)
);

CREATE TABLE read_model.ab_testing_results (
  id integer NOT NULL DEFAULT nextval('read_model.ab_testing_results_id_seq'::regclass),
  experiment_id integer,
  strategy_name character varying(50) NOT NULL,
  discovery_run_id uuid NOT NULL,
  request_timestamp timestamp with time zone DEFAULT now(),
  candidates_count integer,
  execution_time_ms integer,
  success_metrics_data jsonb,
  user_agent_hash character varying(64),
  event_id uuid,
  experiment_name character varying(100),
  simulated boolean,
  event bytea,
  CONSTRAINT ab_testing_results_pkey PRIMARY KEY (id),
  CONSTRAINT ab_testing_results_event_id_key UNIQUE (event_id),
  CONSTRAINT ab_testing_results_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES read_model.ab_testing_experiments(id)
);
CREATE INDEX idx_ab_testing_results_age ON read_model.ab_testing_results USING btree ((request_timestamp AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_ab_testing_results_newest ON read_model.ab_testing_results USING btree (experiment_name, request_timestamp DESC, event_id DESC) INCLUDE (strategy_name, candidates_count);
CREATE INDEX idx_ab_testing_results_tick ON read_model.ab_testing_results USING hash (request_timestamp);
CREATE INDEX idx_experiment_strategy ON read_model.ab_testing_results USING btree (experiment_id, strategy_name);
CREATE INDEX idx_experiment_timestamp ON read_model.ab_testing_results USING btree (experiment_id, request_timestamp);

CREATE TABLE read_model.alert_deliveries (
  event_id uuid NOT NULL,
  alert_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  channel character varying(50) NOT NULL,
  status character varying(20) NOT NULL,
  attempt integer NOT NULL,
  error text,
  source text NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  recipient text,
  reference text,
  requested_at timestamp with time zone,
  CONSTRAINT alert_deliveries_pkey PRIMARY KEY (event_id)
);
CREATE INDEX idx_alert_deliveries_alert ON read_model.alert_deliveries USING btree (alert_id, attempt);

CREATE TABLE read_model.alerts (
  event_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  alert_type character varying(50) NOT NULL,
  episode text NOT NULL,
  priority character varying(20) NOT NULL,
  audience text NOT NULL,
  subject_id uuid NOT NULL,
  title character varying(200) NOT NULL,
  message character varying(1600) NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  CONSTRAINT alerts_pkey PRIMARY KEY (event_id)
);
CREATE INDEX idx_alerts_happened ON read_model.alerts USING btree (happened_at DESC, event_id DESC);
CREATE INDEX idx_alerts_subject ON read_model.alerts USING btree (subject_id);

CREATE TABLE read_model.candidates (
  event_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamp with time zone NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  session character varying(20) NOT NULL,
  strategy character varying(50) NOT NULL,
  profile character varying(50) NOT NULL,
  preset character varying(50) NOT NULL,
  config_version text NOT NULL,
  verdict_id uuid NOT NULL,
  features_id uuid NOT NULL,
  score double precision NOT NULL,
  confidence double precision NOT NULL,
  listed boolean NOT NULL,
  label character varying(20) NOT NULL,
  price double precision,
  volume_spike double precision,
  short_fraction double precision,
  squeeze_label text,
  squeeze_score double precision,
  event bytea NOT NULL,
  CONSTRAINT candidates_pkey PRIMARY KEY (event_id)
);
CREATE INDEX idx_candidates_slot ON read_model.candidates USING btree (slot DESC, strategy, profile, config_version);

CREATE TABLE read_model.circuit_breaker_events (
  id integer NOT NULL DEFAULT nextval('read_model.circuit_breaker_events_id_seq'::regclass),
  provider_name character varying(50) NOT NULL,
  event_type character varying(20) NOT NULL,
  trigger_reason text,
  failure_count integer,
  event_timestamp timestamp with time zone DEFAULT now(),
  auto_recovery_at timestamp with time zone,
  event_id uuid,
  simulated boolean NOT NULL DEFAULT false,
  CONSTRAINT circuit_breaker_events_pkey PRIMARY KEY (id),
  CONSTRAINT circuit_breaker_events_event_id_key UNIQUE (event_id),
  CONSTRAINT circuit_breaker_events_event_type_check CHECK (((event_type)::text = ANY ((ARRAY['OPENED'::character varying, 'CLOSED'::character varying, 'HALF_OPENED'::character varying])::text[])))
);
CREATE INDEX idx_circuit_breaker_events_age ON read_model.circuit_breaker_events USING btree ((event_timestamp AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_provider_events ON read_model.circuit_breaker_events USING btree (provider_name, event_timestamp);

CREATE TABLE read_model.dead_letters (
  projection character varying(100) NOT NULL,
  topic character varying(249) NOT NULL,
  partition integer NOT NULL,
  log_offset bigint NOT NULL,
  event_id text,
  record_key bytea,
  record_value bytea,
  record_headers jsonb NOT NULL,
  happened_at timestamp with time zone,
  appended_at timestamp with time zone,
  error_code character varying(100) NOT NULL,
  error_message text NOT NULL,
  code_version text NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  CONSTRAINT dead_letters_pkey PRIMARY KEY (projection, topic, partition, log_offset)
);

CREATE TABLE read_model.detections (
  event_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  detector character varying(50) NOT NULL,
  slot timestamp with time zone,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  features_id uuid NOT NULL,
  score double precision,
  confidence double precision NOT NULL,
  label text,
  data_sources text[] NOT NULL,
  error text,
  event bytea NOT NULL STORAGE EXTERNAL,
  CONSTRAINT detections_pkey PRIMARY KEY (event_id)
) WITH (toast_tuple_target=8160);
CREATE INDEX idx_detections_features ON read_model.detections USING btree (features_id);

CREATE TABLE read_model.detector_performance (
  id integer NOT NULL DEFAULT nextval('read_model.detector_performance_id_seq'::regclass),
  discovery_run_id uuid NOT NULL,
  detector_name character varying(50) NOT NULL,
  symbol character varying(10) NOT NULL,
  raw_score numeric(5,4),
  confidence_score numeric(5,4),
  execution_time_ms integer,
  data_sources_used text[],
  hard_gate_passed boolean,
  soft_gate_penalties jsonb,
  created_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  CONSTRAINT detector_performance_pkey PRIMARY KEY (id),
  CONSTRAINT detector_performance_discovery_run_id_detector_name_symbol_key UNIQUE (discovery_run_id, detector_name, symbol)
);
CREATE INDEX idx_detector_performance ON read_model.detector_performance USING btree (detector_name, created_at);
CREATE INDEX idx_detector_performance_created ON read_model.detector_performance USING btree (created_at);
CREATE INDEX idx_discovery_symbol ON read_model.detector_performance USING btree (discovery_run_id, symbol);

CREATE TABLE read_model.discovery_audit_log (
  id integer NOT NULL DEFAULT nextval('read_model.discovery_audit_log_id_seq'::regclass),
  discovery_run_id uuid NOT NULL,
  strategy_used character varying(50) NOT NULL,
  session_type character varying(20) NOT NULL,
  universe_size integer NOT NULL,
  candidates_found integer NOT NULL,
  total_execution_time_ms integer NOT NULL,
  provider_success_rates jsonb,
  gate_failure_stats jsonb,
  confidence_distribution jsonb,
  metadata jsonb,
  created_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  execution_time_measured boolean NOT NULL DEFAULT false,
  CONSTRAINT discovery_audit_log_pkey PRIMARY KEY (id),
  CONSTRAINT discovery_audit_log_discovery_run_id_key UNIQUE (discovery_run_id),
  CONSTRAINT discovery_audit_log_event_id_key UNIQUE (event_id)
);
CREATE INDEX idx_discovery_audit_log_created ON read_model.discovery_audit_log USING btree (created_at);
CREATE INDEX idx_discovery_session ON read_model.discovery_audit_log USING btree (session_type, created_at);
CREATE INDEX idx_discovery_strategy ON read_model.discovery_audit_log USING btree (strategy_used, created_at);

CREATE TABLE read_model.discovery_runs (
  run_id uuid NOT NULL,
  event_id uuid NOT NULL,
  trading_day date NOT NULL,
  slot timestamp with time zone NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  session character varying(20) NOT NULL,
  strategy character varying(50) NOT NULL,
  profile character varying(50) NOT NULL,
  preset character varying(50) NOT NULL,
  config_version text NOT NULL,
  universe integer NOT NULL,
  evaluable integer NOT NULL,
  price_volume_passed integer NOT NULL,
  passed integer NOT NULL,
  candidates_before_cap integer NOT NULL,
  candidates integer NOT NULL,
  health_score double precision,
  health_status character varying(20) NOT NULL,
  event bytea NOT NULL,
  execution_ms integer,
  CONSTRAINT discovery_runs_pkey PRIMARY KEY (run_id),
  CONSTRAINT discovery_runs_event_id_key UNIQUE (event_id)
);
CREATE INDEX idx_discovery_runs_happened ON read_model.discovery_runs USING btree (happened_at DESC, event_id DESC);

CREATE TABLE read_model.event_index (
  event_id uuid NOT NULL,
  topic character varying(249) NOT NULL,
  partition integer NOT NULL,
  log_offset bigint NOT NULL,
  CONSTRAINT event_index_pkey PRIMARY KEY (event_id)
);

CREATE TABLE read_model.features_latest (
  symbol character varying(10) NOT NULL,
  event_id uuid NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  slot timestamp with time zone,
  session character varying(20) NOT NULL,
  trading_day date NOT NULL,
  price double precision,
  price_at timestamp with time zone,
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
  event bytea NOT NULL STORAGE EXTERNAL,
  CONSTRAINT features_latest_pkey PRIMARY KEY (symbol)
) WITH (toast_tuple_target=8160, fillfactor=50);

CREATE TABLE read_model.features_slot (
  event_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  slot timestamp with time zone,
  session character varying(20) NOT NULL,
  trading_day date NOT NULL,
  price double precision,
  price_at timestamp with time zone,
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
  event bytea NOT NULL STORAGE EXTERNAL,
  CONSTRAINT features_slot_pkey PRIMARY KEY (event_id)
) WITH (toast_tuple_target=8160);
CREATE INDEX idx_features_slot_symbol_happened ON read_model.features_slot USING btree (symbol, happened_at DESC, event_id DESC);

CREATE TABLE read_model.finra_reporting_schedule (
  id integer NOT NULL DEFAULT nextval('read_model.finra_reporting_schedule_id_seq'::regclass),
  settlement_date date NOT NULL,
  due_date date NOT NULL,
  published_date date,
  status character varying(20) DEFAULT 'pending'::character varying,
  notes text,
  created_at timestamp with time zone DEFAULT now(),
  updated_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  moved_on_at timestamp with time zone,
  CONSTRAINT finra_reporting_schedule_pkey PRIMARY KEY (id),
  CONSTRAINT finra_reporting_schedule_event_id_key UNIQUE (event_id),
  CONSTRAINT finra_reporting_schedule_settlement_date_key UNIQUE (settlement_date)
);
CREATE INDEX idx_finra_schedule_due_date ON read_model.finra_reporting_schedule USING btree (due_date);
CREATE INDEX idx_finra_schedule_published_date ON read_model.finra_reporting_schedule USING btree (published_date);
CREATE INDEX idx_finra_schedule_status ON read_model.finra_reporting_schedule USING btree (status);

CREATE TABLE read_model.finra_schedule_overrides (
  settlement_date date NOT NULL,
  due_date date NOT NULL,
  published_date date NOT NULL,
  published_at timestamp with time zone NOT NULL,
  computed_due_date date NOT NULL,
  computed_published_date date NOT NULL,
  is_manual boolean NOT NULL,
  notes text,
  decided_at timestamp with time zone NOT NULL,
  event_id uuid NOT NULL,
  CONSTRAINT finra_schedule_overrides_pkey PRIMARY KEY (settlement_date),
  CONSTRAINT finra_schedule_overrides_event_id_key UNIQUE (event_id)
);

CREATE TABLE read_model.hour_metrics (
  event_id uuid NOT NULL,
  metric character varying(200) NOT NULL,
  subject character varying(200) NOT NULL,
  simulated boolean NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  value double precision,
  verdict character varying(20) NOT NULL,
  event bytea NOT NULL,
  CONSTRAINT hour_metrics_pkey PRIMARY KEY (event_id)
);
CREATE INDEX idx_hour_metrics_age ON read_model.hour_metrics USING btree ((happened_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_hour_metrics_metric_newest ON read_model.hour_metrics USING btree (metric, happened_at DESC, event_id DESC);
CREATE INDEX idx_hour_metrics_newest ON read_model.hour_metrics USING btree (happened_at DESC, event_id DESC);

CREATE TABLE read_model.job_runs (
  run_id uuid NOT NULL,
  job character varying(200) NOT NULL,
  due_at timestamp with time zone NOT NULL,
  state character varying(20) NOT NULL,
  attempt integer NOT NULL,
  steps integer NOT NULL,
  retry_at timestamp with time zone,
  event_id uuid NOT NULL,
  event bytea NOT NULL,
  CONSTRAINT job_runs_pkey PRIMARY KEY (run_id)
);
CREATE INDEX idx_job_runs_age ON read_model.job_runs USING btree ((due_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_job_runs_job_newest ON read_model.job_runs USING btree (job, due_at DESC, run_id DESC);
CREATE INDEX idx_job_runs_newest ON read_model.job_runs USING btree (due_at DESC, run_id DESC);
CREATE INDEX idx_job_runs_state_newest ON read_model.job_runs USING btree (state, due_at DESC, run_id DESC);

CREATE TABLE read_model.operational_alerts (
  event_id uuid NOT NULL,
  kind character varying(200) NOT NULL,
  severity character varying(20) NOT NULL,
  subject character varying(200) NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  raised_at timestamp with time zone NOT NULL,
  finding text NOT NULL,
  simulated boolean NOT NULL,
  event bytea NOT NULL,
  CONSTRAINT operational_alerts_pkey PRIMARY KEY (event_id)
);
CREATE INDEX idx_operational_alerts_age ON read_model.operational_alerts USING btree ((happened_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_operational_alerts_kind_newest ON read_model.operational_alerts USING btree (kind, happened_at DESC, event_id DESC);
CREATE INDEX idx_operational_alerts_newest ON read_model.operational_alerts USING btree (happened_at DESC, event_id DESC);

CREATE TABLE read_model.portfolio_positions (
  account character varying(64) NOT NULL,
  symbol character varying(10) NOT NULL,
  event_id uuid NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  source text NOT NULL,
  quantity double precision NOT NULL,
  average_entry_price double precision,
  stated_price double precision,
  stated_market_value double precision,
  basis character varying(20) NOT NULL,
  log_offset bigint NOT NULL,
  CONSTRAINT portfolio_positions_pkey PRIMARY KEY (account, symbol)
);

CREATE TABLE read_model.prices_latest (
  symbol character varying(10) NOT NULL,
  event_id uuid NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  source text NOT NULL,
  kind character varying(20) NOT NULL,
  interval_ms integer NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  volume_scope character varying(20) NOT NULL,
  CONSTRAINT prices_latest_pkey PRIMARY KEY (symbol)
) WITH (fillfactor=50);

CREATE TABLE read_model.projection_owners (
  projection character varying(100) NOT NULL,
  partition integer NOT NULL,
  epoch bigint NOT NULL,
  owner text NOT NULL,
  CONSTRAINT projection_owners_pkey PRIMARY KEY (projection, partition)
);

CREATE TABLE read_model.projection_positions (
  projection character varying(100) NOT NULL,
  topic character varying(249) NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  epoch bigint NOT NULL,
  applied bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  dead_lettered bigint NOT NULL DEFAULT 0,
  applied_through timestamp with time zone,
  CONSTRAINT projection_positions_pkey PRIMARY KEY (projection, topic, partition),
  CONSTRAINT projection_positions_next_offset_check CHECK ((next_offset >= 0))
);

CREATE TABLE read_model.provider_api_calls (
  id integer NOT NULL DEFAULT nextval('read_model.provider_api_calls_id_seq'::regclass),
  provider_name character varying(50) NOT NULL,
  endpoint character varying(255) NOT NULL,
  request_timestamp timestamp with time zone DEFAULT now(),
  response_time_ms integer,
  status_code integer,
  success boolean NOT NULL,
  error_message text,
  rate_limited boolean DEFAULT false,
  circuit_breaker_open boolean DEFAULT false,
  event_id uuid,
  simulated boolean NOT NULL DEFAULT false,
  CONSTRAINT provider_api_calls_pkey PRIMARY KEY (id),
  CONSTRAINT provider_api_calls_event_id_key UNIQUE (event_id)
);
CREATE INDEX idx_provider_api_calls_age ON read_model.provider_api_calls USING btree ((request_timestamp AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_provider_success ON read_model.provider_api_calls USING btree (provider_name, success, request_timestamp);
CREATE INDEX idx_provider_timestamp ON read_model.provider_api_calls USING btree (provider_name, request_timestamp);

CREATE TABLE read_model.recommendations (
  id integer NOT NULL DEFAULT nextval('read_model.recommendations_id_seq'::regclass),
  event_id uuid NOT NULL,
  run_id uuid NOT NULL,
  symbol character varying(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamp with time zone NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  session character varying(20) NOT NULL,
  rank integer NOT NULL,
  label character varying(20) NOT NULL,
  previous_label character varying(20) NOT NULL,
  score numeric(5,4) NOT NULL,
  confidence numeric(5,4) NOT NULL,
  price numeric(10,4),
  strategy character varying(50) NOT NULL,
  profile character varying(50) NOT NULL,
  preset character varying(50) NOT NULL,
  config_version text NOT NULL,
  verdict_id uuid NOT NULL,
  features_id uuid NOT NULL,
  thesis text NOT NULL,
  event bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  short_interest_shares bigint,
  short_percent_float numeric(5,4),
  days_to_cover numeric(10,2),
  short_interest_quality numeric(3,2),
  short_interest_updated_at timestamp with time zone,
  CONSTRAINT recommendations_pkey PRIMARY KEY (id),
  CONSTRAINT recommendations_event_id_key UNIQUE (event_id)
);
CREATE INDEX idx_recommendations_days_cover ON read_model.recommendations USING btree (days_to_cover) WHERE (days_to_cover IS NOT NULL);
CREATE INDEX idx_recommendations_happened ON read_model.recommendations USING btree (happened_at DESC, event_id DESC);
CREATE INDEX idx_recommendations_short_percent ON read_model.recommendations USING btree (short_percent_float) WHERE (short_percent_float IS NOT NULL);
CREATE INDEX idx_recommendations_symbol_happened ON read_model.recommendations USING btree (symbol, happened_at DESC, event_id DESC);

CREATE TABLE read_model.short_interest_data (
  id integer NOT NULL DEFAULT nextval('read_model.short_interest_data_id_seq'::regclass),
  symbol character varying(10) NOT NULL,
  reporting_date date NOT NULL,
  settlement_date date NOT NULL,
  short_interest_shares bigint NOT NULL,
  avg_daily_volume bigint,
  days_to_cover numeric(10,2),
  short_percent_float numeric(5,4),
  data_source character varying(50) DEFAULT 'yahoo_finance'::character varying,
  data_quality_score numeric(3,2) DEFAULT 1.0,
  created_at timestamp with time zone DEFAULT now(),
  updated_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  CONSTRAINT short_interest_data_pkey PRIMARY KEY (id),
  CONSTRAINT short_interest_data_event_id_key UNIQUE (event_id),
  CONSTRAINT short_interest_data_symbol_reporting_date_data_source_key UNIQUE (symbol, reporting_date, data_source)
);
CREATE INDEX idx_short_interest_data_age ON read_model.short_interest_data USING btree ((updated_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_short_interest_data_quality ON read_model.short_interest_data USING btree (data_quality_score);
CREATE INDEX idx_short_interest_percent_float ON read_model.short_interest_data USING btree (short_percent_float);
CREATE INDEX idx_short_interest_reporting_date ON read_model.short_interest_data USING btree (reporting_date);
CREATE INDEX idx_short_interest_symbol_date ON read_model.short_interest_data USING btree (symbol, reporting_date);

CREATE TABLE read_model.short_interest_jobs (
  id integer NOT NULL DEFAULT nextval('read_model.short_interest_jobs_id_seq'::regclass),
  job_type character varying(50) NOT NULL,
  status character varying(20) DEFAULT 'pending'::character varying,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  symbols_processed integer DEFAULT 0,
  symbols_successful integer DEFAULT 0,
  symbols_failed integer DEFAULT 0,
  error_details jsonb,
  processing_time_seconds integer,
  next_run_at timestamp with time zone,
  event_id uuid,
  run_id uuid,
  job character varying(200),
  steps integer,
  CONSTRAINT short_interest_jobs_pkey PRIMARY KEY (id),
  CONSTRAINT short_interest_jobs_event_id_key UNIQUE (event_id),
  CONSTRAINT short_interest_jobs_job_type_check CHECK (((job_type)::text = ANY ((ARRAY['data_collection'::character varying, 'schedule_check'::character varying, 'quality_validation'::character varying])::text[]))),
  CONSTRAINT short_interest_jobs_run_id_key UNIQUE (run_id),
  CONSTRAINT short_interest_jobs_status_check CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'running'::character varying, 'completed'::character varying, 'failed'::character varying])::text[])))
);
CREATE INDEX idx_short_interest_jobs_age ON read_model.short_interest_jobs USING btree ((started_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_short_jobs_next_run_at ON read_model.short_interest_jobs USING btree (next_run_at);
CREATE INDEX idx_short_jobs_started_at ON read_model.short_interest_jobs USING btree (started_at);
CREATE INDEX idx_short_jobs_type_status ON read_model.short_interest_jobs USING btree (job_type, status);

CREATE TABLE read_model.short_interest_quality (
  id integer NOT NULL DEFAULT nextval('read_model.short_interest_quality_id_seq'::regclass),
  symbol character varying(10) NOT NULL,
  reporting_date date NOT NULL,
  data_source character varying(50) NOT NULL,
  completeness_score numeric(3,2),
  accuracy_score numeric(3,2),
  freshness_score numeric(3,2),
  consistency_score numeric(3,2),
  overall_quality numeric(3,2),
  validation_notes jsonb,
  created_at timestamp with time zone DEFAULT now(),
  event_id uuid,
  is_leading boolean,
  usable boolean,
  usable_until timestamp with time zone,
  event bytea,
  CONSTRAINT short_interest_quality_pkey PRIMARY KEY (id),
  CONSTRAINT short_interest_quality_event_id_key UNIQUE (event_id)
);
CREATE INDEX idx_short_interest_quality_age ON read_model.short_interest_quality USING btree ((created_at AT TIME ZONE 'UTC'::text));
CREATE INDEX idx_short_quality_leading ON read_model.short_interest_quality USING btree (symbol, reporting_date DESC, created_at DESC, event_id) WHERE is_leading;
CREATE INDEX idx_short_quality_newest ON read_model.short_interest_quality USING btree (symbol, created_at DESC, event_id DESC);
CREATE INDEX idx_short_quality_overall ON read_model.short_interest_quality USING btree (overall_quality);
CREATE INDEX idx_short_quality_source ON read_model.short_interest_quality USING btree (data_source);
CREATE INDEX idx_short_quality_symbol_date ON read_model.short_interest_quality USING btree (symbol, reporting_date);

CREATE TABLE read_model.stage_timings (
  projection character varying(100) NOT NULL,
  stage character varying(50) NOT NULL,
  partition integer NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  slot timestamp with time zone NOT NULL,
  events bigint NOT NULL,
  total_ms double precision NOT NULL,
  max_ms double precision NOT NULL,
  errors bigint NOT NULL,
  CONSTRAINT stage_timings_pkey PRIMARY KEY (projection, happened_at, stage, partition)
);

CREATE TABLE read_model.verdicts (
  event_id uuid NOT NULL,
  run_id uuid,
  symbol character varying(10) NOT NULL,
  trading_day date NOT NULL,
  slot timestamp with time zone,
  happened_at timestamp with time zone NOT NULL,
  published_at timestamp with time zone NOT NULL,
  captured_at timestamp with time zone NOT NULL,
  simulated boolean NOT NULL,
  trigger character varying(20) NOT NULL,
  session character varying(20) NOT NULL,
  strategy character varying(50) NOT NULL,
  profile character varying(50) NOT NULL,
  preset character varying(50) NOT NULL,
  config_version text NOT NULL,
  features_id uuid NOT NULL,
  detection_ids uuid[] NOT NULL,
  price double precision,
  passed boolean NOT NULL,
  label character varying(20) NOT NULL,
  score double precision NOT NULL,
  raw_score double precision,
  confidence double precision NOT NULL,
  first_failure character varying(50),
  failed_gates integer NOT NULL,
  soft_penalties jsonb NOT NULL,
  event bytea NOT NULL STORAGE EXTERNAL,
  CONSTRAINT verdicts_pkey PRIMARY KEY (event_id)
) WITH (toast_tuple_target=8160);
CREATE INDEX idx_verdicts_features ON read_model.verdicts USING btree (features_id);
CREATE INDEX idx_verdicts_near_miss ON read_model.verdicts USING btree (happened_at DESC, event_id DESC) WHERE (failed_gates > 0);
CREATE INDEX idx_verdicts_symbol_happened ON read_model.verdicts USING btree (symbol, happened_at DESC, event_id DESC);
