import {
  boolean,
  bytes,
  instant,
  integer,
  json,
  measured,
  nullable,
  text,
  uuid,
} from "../columns.ts";
import type { Table } from "../table.ts";

/**
 * R-DB-14. One row per experiment, as its newest decision has it. When its end is reached is not an
 * operator's decision: the projector completes it with the first run at or after its end.
 */
export const abTestingExperiments = {
  key: ["experiment_name"],
  newestBy: ["decided_at", "event_id"],
  columns: {
    experiment_name: text(100),
    start_date: instant,
    end_date: nullable(instant),
    traffic_split: json,
    success_metrics: json,
    status: nullable(text(20)),
    metadata: nullable(json),
    created_at: nullable(instant),
    event_id: nullable(uuid),
    decided_at: nullable(instant),
  },
} as const satisfies Table;

/**
 * R-DB-15. One row per run under an experiment. The column `experiment_id` refers to a surrogate id
 * and, like one, is no part of what is compared; the projector fills it by the name.
 */
export const abTestingResults = {
  key: ["event_id"],
  columns: {
    experiment_name: nullable(text(100)),
    strategy_name: text(50),
    discovery_run_id: uuid,
    request_timestamp: nullable(instant),
    candidates_count: nullable(integer),
    execution_time_ms: measured(nullable(integer)),
    success_metrics_data: nullable(json),
    /** SHA-256 of the subject, whatever the subject is. */
    user_agent_hash: nullable(text(64)),
    simulated: nullable(boolean),
    event: nullable(bytes),
    event_id: nullable(uuid),
  },
} as const satisfies Table;
