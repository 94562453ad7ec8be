import { PROVIDERS } from "@amc/platform/http/provider-limits";
import { decodeEvent } from "@amc/schemas/codec";
import type { Features } from "@amc/schemas/generated/events";
import type { DataStanding } from "@amc/streams/jobs/data-health";
import type { JobOutcomes } from "@amc/streams/jobs/job-success";
import type { JudgedFigure } from "@amc/streams/short-interest/quality-run";
import type { Pool } from "pg";

/** The newest figure of every symbol that somebody reported on, as it was judged by an instant (UTC ms). */
export async function judgedFigures(pool: Pool, atMs: number): Promise<readonly JudgedFigure[]> {
  const { rows } = await pool.query<{ overall: number; until: Date | null }>(FIGURES, [
    new Date(atMs),
  ]);
  return rows.map(({ overall, until }) => ({ overall, usableUntil: until?.getTime() ?? null }));
}

const FIGURES = `
  SELECT DISTINCT ON (symbol) overall_quality::double precision AS overall, usable_until AS until
  FROM short_interest_quality
  WHERE is_leading AND created_at <= $1
  ORDER BY symbol, reporting_date DESC, created_at DESC, event_id`;

/** The newest features of every symbol, but those of after an instant (UTC ms). */
export async function newestFeatures(pool: Pool, atMs: number): Promise<readonly Features[]> {
  const { rows } = await pool.query<{ event: Buffer }>(
    "SELECT event FROM features_latest WHERE happened_at <= $1",
    [new Date(atMs)],
  );
  return rows.flatMap(({ event }) => {
    const decoded = decodeEvent("signals.features.v1", event);
    // What cannot be decoded never became a row.
    return decoded.ok ? [decoded.value] : [];
  });
}

/**
 * What prices and providers look like at an instant (UTC ms). A symbol's row is its newest price alone: one
 * of later has taken the place of those before it, and says that the symbol has prices, not since when. So it
 * counts as of the instant.
 */
export async function dataStanding(pool: Pool, atMs: number): Promise<DataStanding> {
  const at = new Date(atMs);
  const {
    rows: [newest],
  } = await pool.query<{ at: Date | null }>(
    "SELECT max(least(happened_at, $1)) AS at FROM prices_latest",
    [at],
  );
  const { rows: providers } = await pool.query<DataStanding["providers"][number]>(STANDINGS, [
    at,
    [...PROVIDERS],
  ]);
  return { newestPriceAt: newest?.at?.getTime() ?? null, providers };
}

/**
 * Of what answered last, the provider or its mock, as `/health` has it. A breaker half-opens only as its next
 * call comes, and a process that ends or starts anew forgets what it held open: it is open no longer than it
 * waits, and not after a call that it would have held back succeeded.
 */
const STANDINGS = `
  SELECT provider, recent.calls, recent.successes, breaker.is_open AS "isBreakerOpen"
  FROM unnest($2::text[]) AS asked (provider)
  CROSS JOIN LATERAL (
    SELECT simulated FROM provider_api_calls
    WHERE provider_name = provider AND request_timestamp <= $1
    ORDER BY request_timestamp DESC LIMIT 1
  ) AS last_call
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS calls, count(*) FILTER (WHERE success)::integer AS successes
    FROM provider_api_calls
    WHERE provider_name = provider AND simulated = last_call.simulated
      AND request_timestamp > $1::timestamptz - interval '1 hour' AND request_timestamp <= $1
  ) AS recent
  LEFT JOIN LATERAL (
    SELECT event_type, event_timestamp, auto_recovery_at FROM circuit_breaker_events
    WHERE provider_name = provider AND simulated = last_call.simulated AND event_timestamp <= $1
    ORDER BY event_timestamp DESC, event_type = 'HALF_OPENED', event_id LIMIT 1
  ) AS change ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(change.event_type = 'OPENED' AND change.auto_recovery_at > $1, false)
      AND NOT EXISTS (
        SELECT FROM provider_api_calls
        WHERE provider_name = provider AND success AND simulated = last_call.simulated
          AND request_timestamp > change.event_timestamp AND request_timestamp <= $1
      ) AS is_open
  ) AS breaker
  WHERE recent.calls > 0 OR breaker.is_open
  ORDER BY provider`;

/** How runs of jobs ended whose instants lie behind the one and not behind the other, UTC ms. */
export async function jobOutcomes(
  pool: Pool,
  afterMs: number,
  throughMs: number,
): Promise<JobOutcomes> {
  const { rows } = await pool.query<JobOutcomes>(
    `SELECT (count(*) FILTER (WHERE state = 'SUCCEEDED'))::integer AS succeeded,
            (count(*) FILTER (WHERE state = 'FAILED' AND retry_at IS NULL))::integer AS failed
     FROM job_runs WHERE due_at > $1 AND due_at <= $2`,
    [new Date(afterMs), new Date(throughMs)],
  );
  return rows[0] ?? { succeeded: 0, failed: 0 };
}
