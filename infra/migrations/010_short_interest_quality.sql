-- Schema: read_model
-- Judgements of short interest are projected. Beside the columns of the requirements a row says which
-- source stands for its date and until when the figure may be scored, and keeps its event, from which
-- history is answered as of an instant.

-- Up Migration
ALTER TABLE short_interest_quality ADD COLUMN IF NOT EXISTS is_leading boolean;
ALTER TABLE short_interest_quality ADD COLUMN IF NOT EXISTS usable boolean;
ALTER TABLE short_interest_quality ADD COLUMN IF NOT EXISTS usable_until timestamptz;
ALTER TABLE short_interest_quality ADD COLUMN IF NOT EXISTS event bytea;
CREATE INDEX IF NOT EXISTS idx_short_quality_newest
  ON short_interest_quality (symbol, created_at DESC, event_id DESC);
-- The newest leading row of a symbol is what coverage counts.
CREATE INDEX IF NOT EXISTS idx_short_quality_leading
  ON short_interest_quality (symbol, reporting_date DESC, created_at DESC, event_id) WHERE is_leading;
-- By age for a cleanup, as an expression for the reason that 009 gives.
CREATE INDEX IF NOT EXISTS idx_short_interest_quality_age
  ON short_interest_quality ((created_at AT TIME ZONE 'UTC'));
CREATE INDEX IF NOT EXISTS idx_short_interest_data_age
  ON short_interest_data ((updated_at AT TIME ZONE 'UTC'));
-- After a way down rows are left without the columns above: they are read again from the start.
DELETE FROM short_interest_quality;
DELETE FROM short_interest_data;
DELETE FROM projection_positions WHERE topic = 'short.quality.v1';

-- Down Migration
DROP INDEX IF EXISTS idx_short_interest_data_age;
DROP INDEX IF EXISTS idx_short_interest_quality_age;
DROP INDEX IF EXISTS idx_short_quality_leading;
DROP INDEX IF EXISTS idx_short_quality_newest;
ALTER TABLE short_interest_quality DROP COLUMN IF EXISTS event;
ALTER TABLE short_interest_quality DROP COLUMN IF EXISTS usable_until;
ALTER TABLE short_interest_quality DROP COLUMN IF EXISTS usable;
ALTER TABLE short_interest_quality DROP COLUMN IF EXISTS is_leading;
