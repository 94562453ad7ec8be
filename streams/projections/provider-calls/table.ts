import { boolean, instant, integer, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** R-DB-12. One row per request that was sent to a provider. */
export const providerApiCalls = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    provider_name: text(50),
    endpoint: text(255),
    request_timestamp: instant,
    response_time_ms: nullable(integer),
    status_code: nullable(integer),
    success: boolean,
    error_message: nullable(text()),
    rate_limited: boolean,
    circuit_breaker_open: boolean,
    simulated: boolean,
  },
} as const satisfies Table;

/** R-DB-16. One row per change of a provider's breaker. */
export const circuitBreakerEvents = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    provider_name: text(50),
    event_type: text(20),
    trigger_reason: nullable(text()),
    failure_count: nullable(integer),
    event_timestamp: instant,
    auto_recovery_at: nullable(instant),
    simulated: boolean,
  },
} as const satisfies Table;
