-- Schema: read_model
-- Who a delivery went to (masked), what the channel calls the message that it took, and since when it was
-- due. Rows of before were shown at a terminal: they have none of it.

-- Up Migration
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS recipient text;
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS reference text;
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS requested_at timestamptz;

-- Down Migration
ALTER TABLE alert_deliveries DROP COLUMN IF EXISTS requested_at;
ALTER TABLE alert_deliveries DROP COLUMN IF EXISTS reference;
ALTER TABLE alert_deliveries DROP COLUMN IF EXISTS recipient;
