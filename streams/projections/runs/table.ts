import {
  boolean,
  bytes,
  date,
  double,
  instant,
  integer,
  json,
  measured,
  nullable,
  text,
  uuid,
} from "../columns.ts";
import type { Table } from "../table.ts";

/** One row per discovery run. */
export const discoveryRuns = {
  key: ["run_id"],
  newestBy: ["happened_at", "event_id"],
  columns: {
    run_id: uuid,
    event_id: uuid,
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    trading_day: date,
    slot: instant,
    trigger: text(20),
    session: text(20),
    strategy: text(50),
    profile: text(50),
    preset: text(50),
    config_version: text(),
    universe: integer,
    evaluable: integer,
    price_volume_passed: integer,
    passed: integer,
    candidates_before_cap: integer,
    candidates: integer,
    health_score: nullable(double),
    health_status: text(20),
    event: bytes,
    execution_ms: measured(nullable(integer)),
  },
} as const satisfies Table;

/** R-DB-17. The same run as the audit of the second seed wants it. */
export const discoveryAuditLog = {
  key: ["discovery_run_id"],
  newestBy: ["created_at", "event_id"],
  columns: {
    discovery_run_id: uuid,
    event_id: uuid,
    strategy_used: text(50),
    session_type: text(20),
    universe_size: integer,
    candidates_found: integer,
    provider_success_rates: measured(nullable(json)),
    gate_failure_stats: nullable(json),
    confidence_distribution: nullable(json),
    metadata: nullable(json),
    created_at: instant,
    /** May not be null (R-DB-17); says nothing while `execution_time_measured` is false. */
    total_execution_time_ms: measured(integer),
    execution_time_measured: measured(boolean),
  },
} as const satisfies Table;
