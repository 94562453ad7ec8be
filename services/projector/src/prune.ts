import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { Pool } from "pg";

/** How long rows of a table are kept (R-SEC-05), counted from the event time they carry. */
export const RETENTION = [
  { table: "provider_api_calls", column: "request_timestamp", days: 90 },
  { table: "circuit_breaker_events", column: "event_timestamp", days: 90 },
  { table: "detector_performance", column: "created_at", days: 180 },
  { table: "ab_testing_results", column: "request_timestamp", days: 365 },
  { table: "discovery_audit_log", column: "created_at", days: 365 },
] as const;

export type PrunedTable = (typeof RETENTION)[number]["table"];

// A few milliseconds of locks at a time, so that the projector never waits for a cleanup.
const ROWS_PER_STATEMENT = 5_000;

/** What ends a cleanup before everything old is gone. */
export interface PruneLimits {
  /** Rows of before this instant stay, however old, UTC ms; absent: none do. */
  readonly sinceMs?: number;
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
  for (const { table, column, days } of RETENTION) {
    const beforeMs = asOfMs - days * DAY_MS;
    pruned.set(table, await pruneTable(pool, { table, column, beforeMs }, limits));
  }
  return pruned;
}

interface OldRows {
  readonly table: PrunedTable;
  readonly column: string;
  readonly beforeMs: number;
}

async function pruneTable(
  pool: Pool,
  { table, column, beforeMs }: OldRows,
  { sinceMs, signal }: PruneLimits,
): Promise<number> {
  const text = `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE ${column} < $1 AND ($2::timestamptz IS NULL OR ${column} >= $2)
    LIMIT ${ROWS_PER_STATEMENT}))`;
  const bounds = [new Date(beforeMs), sinceMs === undefined ? null : new Date(sinceMs)];
  for (let total = 0; ; ) {
    signal?.throwIfAborted();
    const { rowCount } = await pool.query(text, bounds);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return total;
  }
}
