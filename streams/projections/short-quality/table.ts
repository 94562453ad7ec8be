import {
  bigint,
  boolean,
  bytes,
  date,
  instant,
  json,
  nullable,
  numeric,
  text,
  uuid,
} from "../columns.ts";
import type { Table } from "../table.ts";

/**
 * R-DB-07. What each source states about each settlement date now; earlier vintages are rows of
 * `short_interest_quality`.
 */
export const shortInterestData = {
  key: ["symbol", "reporting_date", "data_source"],
  newestBy: ["updated_at", "event_id"],
  columns: {
    symbol: text(10),
    /** The settlement date, as the next column: both name the end of the period (domain-facts §8). */
    reporting_date: date,
    settlement_date: date,
    short_interest_shares: bigint,
    avg_daily_volume: nullable(bigint),
    days_to_cover: nullable(numeric(10, 2)),
    short_percent_float: nullable(numeric(5, 4)),
    data_source: nullable(text(50)),
    data_quality_score: nullable(numeric(3, 2)),
    created_at: nullable(instant),
    updated_at: nullable(instant),
    event_id: nullable(uuid),
  },
} as const satisfies Table;

/** R-DB-09, R-SI-07. One row per judgement, so that history can be asked for as of an instant. */
export const shortInterestQuality = {
  key: ["event_id"],
  columns: {
    symbol: text(10),
    reporting_date: date,
    data_source: text(50),
    completeness_score: nullable(numeric(3, 2)),
    accuracy_score: nullable(numeric(3, 2)),
    freshness_score: nullable(numeric(3, 2)),
    consistency_score: nullable(numeric(3, 2)),
    overall_quality: nullable(numeric(3, 2)),
    validation_notes: nullable(json),
    /** Instant of the judgement. */
    created_at: nullable(instant),
    is_leading: nullable(boolean),
    usable: nullable(boolean),
    usable_until: nullable(instant),
    event: nullable(bytes),
    event_id: nullable(uuid),
  },
} as const satisfies Table;
