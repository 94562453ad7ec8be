-- Schema: read_model
-- A row of FINRA's reporting schedule can be decided by hand (R-SI-17). The decision is a row of its
-- own, and what the calendar and the figures say of a period keeps an instant of its own.

-- Up Migration
ALTER TABLE finra_reporting_schedule ADD COLUMN IF NOT EXISTS moved_on_at timestamptz;
UPDATE finra_reporting_schedule SET moved_on_at = updated_at WHERE moved_on_at IS NULL;
CREATE TABLE IF NOT EXISTS finra_schedule_overrides (
  settlement_date date PRIMARY KEY,
  due_date date NOT NULL,
  published_date date NOT NULL,
  published_at timestamptz NOT NULL,
  computed_due_date date NOT NULL,
  computed_published_date date NOT NULL,
  is_manual boolean NOT NULL,
  notes text,
  decided_at timestamptz NOT NULL,
  event_id uuid NOT NULL UNIQUE
);
DELETE FROM projection_positions WHERE projection = 'calendar' AND topic = 'ops.control.v1';

-- Down Migration
-- Back to what the calendar says: the release before knows no decisions.
UPDATE finra_reporting_schedule AS period
  SET due_date = decided.computed_due_date, published_date = decided.computed_published_date,
      notes = NULL, event_id = NULL,
      status = CASE WHEN status = 'processed' THEN 'processed'
                    WHEN moved_on_at > period.created_at THEN 'available' ELSE 'pending' END,
      updated_at = moved_on_at
  FROM finra_schedule_overrides AS decided
  WHERE decided.settlement_date = period.settlement_date;
DROP TABLE IF EXISTS finra_schedule_overrides;
ALTER TABLE finra_reporting_schedule DROP COLUMN IF EXISTS moved_on_at;
