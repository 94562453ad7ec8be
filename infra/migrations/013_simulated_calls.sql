-- Schema: read_model
-- Whether a mock answered, as `ops.provider-call.v1` and `ops.circuit-breaker.v1` always said: without it,
-- rows of made-up calls look like those of a provider.

-- Up Migration
ALTER TABLE provider_api_calls ADD COLUMN IF NOT EXISTS simulated boolean NOT NULL DEFAULT false;
ALTER TABLE circuit_breaker_events ADD COLUMN IF NOT EXISTS simulated boolean NOT NULL DEFAULT false;
-- Rows of before do not know: they are read again from the start. The log has them as long as the tables.
DELETE FROM provider_api_calls;
DELETE FROM circuit_breaker_events;
DELETE FROM projection_positions WHERE topic IN ('ops.provider-call.v1', 'ops.circuit-breaker.v1');

-- Down Migration
ALTER TABLE circuit_breaker_events DROP COLUMN IF EXISTS simulated;
ALTER TABLE provider_api_calls DROP COLUMN IF EXISTS simulated;
