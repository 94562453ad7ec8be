import { SCHEDULE_ENDPOINT } from "@amc/platform/http/finra-endpoints";
import {
  ALLOWANCE_WINDOW_MS,
  type DataProvider,
  PROVIDERS,
} from "@amc/platform/http/provider-limits";
import type { ProviderStanding, ReadView } from "./port.ts";
import {
  flagOf,
  instantOrNull,
  integerOf,
  integerOrNull,
  type Row,
  type RunQuery,
  textOrNull,
} from "./stored-rows.ts";

interface Span {
  readonly afterMs: number;
  readonly throughMs: number;
}

/** How every provider stands: its calls of a span, its last success and its breaker. */
export async function providerStandings(
  run: RunQuery,
  span: Span,
): Promise<readonly ProviderStanding[]> {
  const through = new Date(span.throughMs);
  const windows = PROVIDERS.map((provider) => ALLOWANCE_WINDOW_MS[provider]);
  const spans = [new Date(span.afterMs), through];
  const rows = await run(STANDINGS, [[...PROVIDERS], ...spans, windows, SCHEDULE_ENDPOINT]);
  return rows.flatMap((row) => {
    const provider = PROVIDERS.find((name) => name === row.provider);
    return provider === undefined ? [] : [standingOf(provider, row, span)];
  });
}

export async function unansweredSince(
  run: RunQuery,
  { provider, endpoint, throughMs }: Parameters<ReadView["unansweredSince"]>[0],
): Promise<number | null> {
  const [row] = await run(UNANSWERED, [provider, endpoint, new Date(throughMs)]);
  return row === undefined ? null : instantOrNull(row, "at");
}

function standingOf(provider: DataProvider, row: Row, span: Span): ProviderStanding {
  return {
    provider,
    simulated: flagOf(row, "simulated"),
    calls: integerOf(row, "calls"),
    successes: integerOf(row, "successes"),
    rateLimited: integerOf(row, "rate_limited"),
    meanMs: integerOrNull(row, "mean_ms"),
    p95Ms: integerOrNull(row, "p95_ms"),
    lastCallAt: instantOrNull(row, "last_call_at"),
    lastSuccessAt: instantOrNull(row, "last_success_at"),
    breaker: breakerOf(row, span),
    breakerReason: textOrNull(row, "breaker_reason"),
    autoRecoveryAt: instantOrNull(row, "auto_recovery_at"),
    spent: integerOf(row, "spent"),
  };
}

/**
 * The newest change, but where its end is told by nobody: a breaker half-opens only as its next call comes,
 * and a process that ends or starts anew forgets what it held open. So it is open no longer than it waits, and
 * closed once a call that it would have held back succeeded; one on trial is closed after a span that
 * answered everything.
 */
function breakerOf(row: Row, { afterMs, throughMs }: Span): string | null {
  const breaker = textOrNull(row, "breaker");
  const changedAt = instantOrNull(row, "breaker_at") ?? 0;
  if (breaker === "OPENED") {
    if ((instantOrNull(row, "last_success_at") ?? 0) > changedAt) return "CLOSED";
    return (instantOrNull(row, "auto_recovery_at") ?? 0) > throughMs ? breaker : "HALF_OPENED";
  }
  const calls = integerOf(row, "calls");
  const isAnswered = calls > 0 && integerOf(row, "successes") === calls;
  return breaker === "HALF_OPENED" && changedAt <= afterMs && isAnswered ? "CLOSED" : breaker;
}

/**
 * Of what answered last, the provider or its mock: calls to the one say nothing of the other, and spend none
 * of its budget. A mock of FINRA's page of dates says nothing of who has its data, as long as anything else was asked.
 * A breaker that half-opened and then changed within one millisecond has the later change.
 */
const STANDINGS = `
  SELECT provider, recent.*, last_call.at AS last_call_at, last_success.at AS last_success_at,
         breaker.event_type AS breaker, breaker.trigger_reason AS breaker_reason,
         breaker.event_timestamp AS breaker_at, breaker.auto_recovery_at, counted.spent, coalesce(last_call.simulated, false) AS simulated
  FROM unnest($1::text[], $4::double precision[]) AS asked (provider, window_ms)
  LEFT JOIN LATERAL (
    SELECT at, simulated FROM (
      (SELECT request_timestamp AS at, simulated, 1 AS rank FROM provider_api_calls
       WHERE provider_name = provider AND request_timestamp <= $3
         AND NOT (simulated AND endpoint = $5)
       ORDER BY request_timestamp DESC LIMIT 1)
      UNION ALL
      (SELECT request_timestamp, simulated, 2 FROM provider_api_calls
       WHERE provider_name = provider AND request_timestamp <= $3
       ORDER BY request_timestamp DESC LIMIT 1)
    ) AS newest
    ORDER BY rank LIMIT 1
  ) AS last_call ON true
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS calls,
           count(*) FILTER (WHERE success)::integer AS successes,
           count(*) FILTER (WHERE rate_limited)::integer AS rate_limited,
           round(avg(response_time_ms))::integer AS mean_ms,
           percentile_disc(0.95) WITHIN GROUP (ORDER BY response_time_ms) AS p95_ms
    FROM provider_api_calls
    WHERE provider_name = provider AND request_timestamp > $2 AND request_timestamp <= $3
      AND simulated = last_call.simulated
  ) AS recent
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS spent FROM provider_api_calls
    WHERE provider_name = provider AND request_timestamp <= $3
      AND request_timestamp > $3 - window_ms * interval '1 millisecond'
      AND simulated = last_call.simulated
  ) AS counted
  LEFT JOIN LATERAL (
    SELECT request_timestamp AS at FROM provider_api_calls
    WHERE provider_name = provider AND success AND request_timestamp <= $3
      AND simulated = last_call.simulated
    ORDER BY request_timestamp DESC LIMIT 1
  ) AS last_success ON true
  LEFT JOIN LATERAL (
    SELECT event_type, trigger_reason, event_timestamp, auto_recovery_at
    FROM circuit_breaker_events
    WHERE provider_name = provider AND event_timestamp <= $3 AND simulated = last_call.simulated
    ORDER BY event_timestamp DESC, event_type = 'HALF_OPENED', event_id LIMIT 1
  ) AS breaker ON true`;

const UNANSWERED = `
  SELECT min(unanswered.request_timestamp) AS at
  FROM (
    SELECT simulated FROM provider_api_calls
    WHERE provider_name = $1 AND endpoint = $2 AND request_timestamp <= $3
    ORDER BY request_timestamp DESC LIMIT 1
  ) AS newest
  LEFT JOIN LATERAL (
    SELECT request_timestamp AS at FROM provider_api_calls
    WHERE provider_name = $1 AND endpoint = $2 AND request_timestamp <= $3
      AND simulated = newest.simulated AND success
    ORDER BY request_timestamp DESC LIMIT 1
  ) AS answered ON true
  JOIN provider_api_calls AS unanswered
    ON unanswered.provider_name = $1 AND unanswered.endpoint = $2
   AND unanswered.request_timestamp <= $3 AND unanswered.simulated = newest.simulated
   AND unanswered.request_timestamp > coalesce(answered.at, '-infinity')`;
