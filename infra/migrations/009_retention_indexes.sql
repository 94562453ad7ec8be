-- Schema: read_model
-- What a cleanup deletes, and what a measurement of a run is joined with, is found through an index and
-- not by reading tables that grow for a year.
--
-- Where the newest rows of one provider or one experiment are read, the age is an expression: beside an
-- index on the plain time they would be looked for among the rows of all others.

-- Up Migration
CREATE INDEX IF NOT EXISTS idx_provider_api_calls_age
  ON provider_api_calls ((request_timestamp AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS idx_circuit_breaker_events_age
  ON circuit_breaker_events ((event_timestamp AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS idx_ab_testing_results_age
  ON ab_testing_results ((request_timestamp AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS idx_detector_performance_created ON detector_performance (created_at);
CREATE INDEX IF NOT EXISTS idx_discovery_audit_log_created ON discovery_audit_log (created_at);

-- Down Migration
DROP INDEX IF EXISTS idx_discovery_audit_log_created;
DROP INDEX IF EXISTS idx_detector_performance_created;
DROP INDEX IF EXISTS idx_ab_testing_results_age;
DROP INDEX IF EXISTS idx_circuit_breaker_events_age;
DROP INDEX IF EXISTS idx_provider_api_calls_age;
