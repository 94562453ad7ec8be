import {
  boolean,
  bytes,
  date,
  double,
  instant,
  integer,
  json,
  nullable,
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
    /** The run it belongs to; null between slots, when a level was crossed. */
    run_id: nullable(uuid),
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
    price: nullable(double),
    passed: boolean,
    label: text(20),
    score: double,
    raw_score: nullable(double),
    confidence: double,
    first_failure: nullable(text(50)),
    /** Hard gates that failed; 0 when it passed. */
    failed_gates: integer,
    soft_penalties: json,
    event: bytes,
  },
} as const satisfies Table;
