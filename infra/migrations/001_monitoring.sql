-- Schema: monitoring
-- The schema of everything that only observes, so that it can be dropped without touching the rest.

-- Up Migration
CREATE SCHEMA IF NOT EXISTS monitoring;

-- Down Migration
DROP SCHEMA IF EXISTS monitoring CASCADE;
