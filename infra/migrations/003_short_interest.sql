-- Schema: read_model
-- Columns as the requirements name them (R-DB-07 to R-DB-10); event_id as in 002.

-- Up Migration
CREATE TABLE IF NOT EXISTS short_interest_data (
  id serial PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  reporting_date date NOT NULL,
  settlement_date date NOT NULL,
  short_interest_shares bigint NOT NULL,
  avg_daily_volume bigint,
  days_to_cover decimal(10,2),
  short_percent_float decimal(5,4),
  data_source varchar(50) DEFAULT 'yahoo_finance',
  data_quality_score decimal(3,2) DEFAULT 1.0,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  event_id uuid UNIQUE,
  UNIQUE (symbol, reporting_date, data_source)
);
CREATE INDEX IF NOT EXISTS idx_short_interest_symbol_date
  ON short_interest_data (symbol, reporting_date);
CREATE INDEX IF NOT EXISTS idx_short_interest_reporting_date
  ON short_interest_data (reporting_date);
CREATE INDEX IF NOT EXISTS idx_short_interest_data_quality
  ON short_interest_data (data_quality_score);
CREATE INDEX IF NOT EXISTS idx_short_interest_percent_float
  ON short_interest_data (short_percent_float);

CREATE TABLE IF NOT EXISTS finra_reporting_schedule (
  id serial PRIMARY KEY,
  settlement_date date NOT NULL UNIQUE,
  due_date date NOT NULL,
  published_date date,
  status varchar(20) DEFAULT 'pending',
  notes text,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_finra_schedule_due_date
  ON finra_reporting_schedule (due_date);
CREATE INDEX IF NOT EXISTS idx_finra_schedule_status
  ON finra_reporting_schedule (status);
CREATE INDEX IF NOT EXISTS idx_finra_schedule_published_date
  ON finra_reporting_schedule (published_date);

CREATE TABLE IF NOT EXISTS short_interest_quality (
  id serial PRIMARY KEY,
  symbol varchar(10) NOT NULL,
  reporting_date date NOT NULL,
  data_source varchar(50) NOT NULL,
  completeness_score decimal(3,2),
  accuracy_score decimal(3,2),
  freshness_score decimal(3,2),
  consistency_score decimal(3,2),
  overall_quality decimal(3,2),
  validation_notes jsonb,
  created_at timestamptz DEFAULT now(),
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_short_quality_symbol_date
  ON short_interest_quality (symbol, reporting_date);
CREATE INDEX IF NOT EXISTS idx_short_quality_overall
  ON short_interest_quality (overall_quality);
CREATE INDEX IF NOT EXISTS idx_short_quality_source
  ON short_interest_quality (data_source);

CREATE TABLE IF NOT EXISTS short_interest_jobs (
  id serial PRIMARY KEY,
  job_type varchar(50) NOT NULL
    CHECK (job_type IN ('data_collection', 'schedule_check', 'quality_validation')),
  status varchar(20) DEFAULT 'pending'
    CHECK (status IN ('pending', 'running', 'completed', 'failed')),
  started_at timestamptz,
  completed_at timestamptz,
  symbols_processed integer DEFAULT 0,
  symbols_successful integer DEFAULT 0,
  symbols_failed integer DEFAULT 0,
  error_details jsonb,
  processing_time_seconds integer,
  next_run_at timestamptz,
  event_id uuid UNIQUE
);
CREATE INDEX IF NOT EXISTS idx_short_jobs_type_status
  ON short_interest_jobs (job_type, status);
CREATE INDEX IF NOT EXISTS idx_short_jobs_started_at
  ON short_interest_jobs (started_at);
CREATE INDEX IF NOT EXISTS idx_short_jobs_next_run_at
  ON short_interest_jobs (next_run_at);

-- Down Migration
DROP TABLE IF EXISTS short_interest_jobs;
DROP TABLE IF EXISTS short_interest_quality;
DROP TABLE IF EXISTS finra_reporting_schedule;
DROP TABLE IF EXISTS short_interest_data;
