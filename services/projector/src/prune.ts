import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { Pool } from "pg";

/** How long rows of a table are kept (R-SEC-05), counted from the event time they carry. */
export const RETENTION = [
  { table: "provider_api_calls", column: "request_timestamp", days: 90, index: "age" },
  { table: "circuit_breaker_events", column: "event_timestamp", days: 90, index: "age" },
  { table: "detector_performance", column: "created_at", days: 180, index: "created" },
  { table: "ab_testing_results", column: "request_timestamp", days: 365, index: "age" },
  { table: "discovery_audit_log", column: "created_at", days: 365, index: "created" },
  { table: "short_interest_data", column: "updated_at", days: 365, index: "age" },
  { table: "short_interest_quality", column: "created_at", days: 365, index: "age" },
  { table: "short_interest_jobs", column: "started_at", days: 365, index: "age" },
  { table: "job_runs", column: "due_at", days: 365, index: "age" },
  { table: "operational_alerts", column: "happened_at", days: 365, index: "age" },
  { table: "hour_metrics", column: "happened_at", days: 365, index: "age" },
] as const;

export type PrunedTable = (typeof RETENTION)[number]["table"];
type Retention = Omit<(typeof RETENTION)[number], "days"> & { readonly days: number };

/** Tables of figures that `SHORT_INTEREST_HISTORICAL_DEPTH` decides about. */
const SHORT_INTEREST_FIGURES: ReadonlySet<PrunedTable> = new Set([
  "short_interest_data",
  "short_interest_quality",
]);

/** How long each table's rows are kept where figures of short interest are for so many days. */
export function retentionsFor(shortInterestDays: number | undefined): readonly Retention[] {
  if (shortInterestDays === undefined) return RETENTION;
  return RETENTION.map((kept) =>
    SHORT_INTEREST_FIGURES.has(kept.table) ? { ...kept, days: shortInterestDays } : kept,
  );
}

// A few milliseconds of locks at a time, so that the projector never waits for a cleanup.
const ROWS_PER_STATEMENT = 5_000;

/** What ends a cleanup before everything old is gone. */
export interface PruneLimits {
  /** Rows of before this instant stay, however old, UTC ms; absent: none do. */
  readonly sinceMs?: number;
  /** `SHORT_INTEREST_HISTORICAL_DEPTH`; absent: 365. */
  readonly shortInterestDays?: number;
  /** Stops between two statements: what is deleted by then stays deleted. */
  readonly signal?: AbortSignal;
}

/**
 * Deletes rows older than their table's retention at `asOfMs` (UTC ms); rows exactly at the limit
 * stay. Time is an argument: a replay of the past must not lose its rows to today's date. Returns
 * how many rows went, by table; rejects with the reason of `signal` when that aborts.
 */
export async function prune(
  pool: Pool,
  asOfMs: number,
  limits: PruneLimits = {},
): Promise<ReadonlyMap<PrunedTable, number>> {
  const pruned = new Map<PrunedTable, number>();
  for (const kept of retentionsFor(limits.shortInterestDays)) {
    pruned.set(kept.table, await pruneTable(pool, kept, asOfMs - kept.days * DAY_MS, limits));
  }
  return pruned;
}

/** How many rows `prune` would delete, by table. */
export async function countOld(
  pool: Pool,
  asOfMs: number,
  { shortInterestDays }: PruneLimits = {},
): Promise<ReadonlyMap<PrunedTable, number>> {
  const counts = new Map<PrunedTable, number>();
  for (const kept of retentionsFor(shortInterestDays)) {
    const { rows } = await pool.query<{ old: number }>(
      `SELECT count(*)::integer AS old FROM ${kept.table} WHERE ${isOlder(kept)}`,
      [new Date(asOfMs - kept.days * DAY_MS)],
    );
    counts.set(kept.table, rows[0]?.old ?? 0);
  }
  return counts;
}

async function pruneTable(
  pool: Pool,
  kept: Retention,
  beforeMs: number,
  { sinceMs, signal }: PruneLimits,
): Promise<number> {
  const { table, column } = kept;
  const text = `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table}
    WHERE ${isOlder(kept)} AND ($2::timestamptz IS NULL OR ${column} >= $2)
    ORDER BY ${sought(kept, column)} LIMIT ${ROWS_PER_STATEMENT}))`;
  const bounds = [new Date(beforeMs), sinceMs === undefined ? null : new Date(sinceMs)];
  for (let total = 0; ; ) {
    signal?.throwIfAborted();
    const { rowCount } = await pool.query(text, bounds);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return total;
  }
}

/** A time as an index of the migrations has it, `idx_<table>_age` or `idx_<table>_created`. */
function sought({ index }: Retention, time: string): string {
  return index === "age" ? `(${time} AT TIME ZONE 'UTC')` : time;
}

function isOlder(kept: Retention): string {
  return `${sought(kept, kept.column)} < ${sought(kept, "$1::timestamptz")}`;
}
