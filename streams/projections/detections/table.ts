import {
  boolean,
  bytes,
  double,
  instant,
  integer,
  json,
  measured,
  nullable,
  numeric,
  text,
  texts,
  uuid,
} from "../columns.ts";
import type { Table } from "../table.ts";

/** What each detector said about one features event. */
export const detections = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    symbol: text(10),
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    features_id: uuid,
    detector: text(50),
    trigger: text(20),
    slot: nullable(instant),
    score: nullable(double),
    confidence: double,
    label: nullable(text()),
    data_sources: texts,
    error: nullable(text()),
    event: bytes,
  },
} as const satisfies Table;

/** R-DB-13. A detection in the light of the verdict of one run, with the time the runtime took. */
export const detectorPerformance = {
  key: ["discovery_run_id", "detector_name", "symbol"],
  joined: true,
  columns: {
    discovery_run_id: uuid,
    detector_name: text(50),
    symbol: text(10),
    event_id: uuid,
    raw_score: nullable(numeric(5, 4)),
    confidence_score: nullable(numeric(5, 4)),
    execution_time_ms: measured(nullable(integer)),
    data_sources_used: nullable(texts),
    hard_gate_passed: nullable(boolean),
    soft_gate_penalties: nullable(json),
    created_at: instant,
  },
} as const satisfies Table;
