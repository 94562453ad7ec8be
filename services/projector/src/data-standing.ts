import { decodeEvent } from "@amc/schemas/codec";
import type { Features } from "@amc/schemas/generated/events";
import type { DataStanding } from "@amc/streams/jobs/data-health";
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

/** What prices and providers look like at an instant (UTC ms); what came later does not count. */
export async function dataStanding(pool: Pool, atMs: number): Promise<DataStanding> {
  const at = new Date(atMs);
  const {
    rows: [newest],
  } = await pool.query<{ at: Date | null }>(
    "SELECT max(happened_at) AS at FROM prices_latest WHERE happened_at <= $1",
    [at],
  );
  const { rows: providers } = await pool.query<DataStanding["providers"][number]>(PROVIDERS, [at]);
  return { newestPriceAt: newest?.at?.getTime() ?? null, providers };
}

const PROVIDERS = `
  SELECT coalesce(asked.provider, breaker.provider) AS provider,
         coalesce(asked.calls, 0)::integer AS calls,
         coalesce(asked.successes, 0)::integer AS successes,
         coalesce(breaker.change = 'OPENED', false) AS "isBreakerOpen"
  FROM (
    SELECT provider_name AS provider, count(*) AS calls, count(*) FILTER (WHERE success) AS successes
    FROM provider_api_calls
    WHERE request_timestamp > $1::timestamptz - interval '1 hour' AND request_timestamp <= $1
    GROUP BY provider_name
  ) AS asked
  FULL JOIN (
    SELECT DISTINCT ON (provider_name) provider_name AS provider, event_type AS change
    FROM circuit_breaker_events
    WHERE event_timestamp <= $1
    ORDER BY provider_name, event_timestamp DESC, event_id
  ) AS breaker USING (provider)
  ORDER BY 1`;
