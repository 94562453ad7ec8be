-- Schema: read_model
-- What accounts hold, by the newest statement of each; portfolio.position.v1 fills it. The newest
-- record in the log holds (log_offset), as in the compacted topic. Closed positions have quantity 0.

-- Up Migration
CREATE TABLE IF NOT EXISTS portfolio_positions (
  account varchar(64) NOT NULL,
  symbol varchar(10) NOT NULL,
  event_id uuid NOT NULL,
  happened_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  captured_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  source text NOT NULL,
  -- Shares; negative is short.
  quantity double precision NOT NULL,
  average_entry_price double precision,
  -- What the statement says of price and value; never used as market data.
  stated_price double precision,
  stated_market_value double precision,
  basis varchar(20) NOT NULL,
  log_offset bigint NOT NULL,
  PRIMARY KEY (account, symbol)
);
-- After a way down and up again the table is empty: what filled it is read again from the start.
DELETE FROM projection_positions WHERE topic = 'portfolio.position.v1';

-- Down Migration
DROP TABLE IF EXISTS portfolio_positions;
