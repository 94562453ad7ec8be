-- Schema: read_model
-- What the projector knows about itself, written in the transaction of the rows it speaks of. It
-- lives in the schema of those rows, so that a rebuilt schema brings its own positions when it is
-- swapped in.

-- Up Migration

-- Bumped when a projector takes a partition over; every later write has to name the epoch.
CREATE TABLE IF NOT EXISTS projection_owners (
  projection varchar(100) NOT NULL,
  partition integer NOT NULL,
  epoch bigint NOT NULL,
  owner text NOT NULL,
  PRIMARY KEY (projection, partition)
);

CREATE TABLE IF NOT EXISTS projection_positions (
  projection varchar(100) NOT NULL,
  topic varchar(249) NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL CHECK (next_offset >= 0),
  epoch bigint NOT NULL,
  -- Together they account for every record below next_offset.
  applied bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  dead_lettered bigint NOT NULL DEFAULT 0,
  -- Event time of the newest record applied.
  applied_through timestamptz,
  PRIMARY KEY (projection, topic, partition)
);

-- Raw bytes, because what could not be decoded may not be valid text or JSON either. What has gone
-- to the dead-letter topic is known to the log, which takes the copy and its position in one commit.
CREATE TABLE IF NOT EXISTS dead_letters (
  projection varchar(100) NOT NULL,
  topic varchar(249) NOT NULL,
  partition integer NOT NULL,
  log_offset bigint NOT NULL,
  event_id text,
  record_key bytea,
  record_value bytea,
  -- A list of {name, value}, value in base64.
  record_headers jsonb NOT NULL,
  happened_at timestamptz,
  appended_at timestamptz,
  error_code varchar(100) NOT NULL,
  error_message text NOT NULL,
  code_version text NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  PRIMARY KEY (projection, topic, partition, log_offset)
);

-- Values name events by id; this finds them in the log. The first position of an id stays.
CREATE TABLE IF NOT EXISTS event_index (
  event_id uuid PRIMARY KEY,
  topic varchar(249) NOT NULL,
  partition integer NOT NULL,
  log_offset bigint NOT NULL
);

-- Down Migration
DROP TABLE IF EXISTS event_index;
DROP TABLE IF EXISTS dead_letters;
DROP TABLE IF EXISTS projection_positions;
DROP TABLE IF EXISTS projection_owners;
