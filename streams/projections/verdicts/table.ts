import {
  boolean,
  bytes,
  date,
  instant,
  integer,
  json,
  nullable,
  numeric,
  text,
  uuid,
  uuids,
} from "../columns.ts";
import type { Table } from "../table.ts";

/** Every evaluation with all its gates, passed or not: the near-miss ledger. */
export const verdicts = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    symbol: text(10),
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    features_id: uuid,
    detection_ids: uuids,
    trigger: text(20),
    slot: nullable(instant),
    session: text(20),
    trading_day: date,
    strategy: text(50),
    profile: text(50),
    preset: text(50),
    config_version: text(),
    price: nullable(numeric(10, 4)),
    passed: boolean,
    label: text(20),
    score: numeric(5, 4),
    raw_score: nullable(numeric(5, 4)),
    confidence: numeric(5, 4),
    first_failure: nullable(text(50)),
    /** Hard gates that failed; 0 when it passed. */
    failed_gates: integer,
    soft_penalties: json,
    event: bytes,
  },
} as const satisfies Table;
