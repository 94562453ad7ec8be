import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectProviderCall({
  id,
  value,
}: StageEvent<"ops.provider-call.v1">): readonly RowChange[] {
  const { errorCode, errorMessage } = value;
  return [
    {
      table: "provider_api_calls",
      row: {
        event_id: id,
        provider_name: value.provider,
        endpoint: value.endpoint,
        request_timestamp: value.happenedAt,
        response_time_ms: value.responseMs,
        status_code: value.statusCode,
        success: value.success,
        // The table has no column for the code, and the code is what people search for.
        error_message: errorCode === null ? null : `${errorCode}: ${errorMessage ?? ""}`,
        rate_limited: value.rateLimited,
        circuit_breaker_open: value.circuitBreakerOpen,
        simulated: value.simulated,
      },
    },
  ];
}

export function projectBreakerChange({
  id,
  value,
}: StageEvent<"ops.circuit-breaker.v1">): readonly RowChange[] {
  return [
    {
      table: "circuit_breaker_events",
      row: {
        event_id: id,
        provider_name: value.provider,
        event_type: value.change,
        trigger_reason: value.reason,
        failure_count: value.failureCount,
        event_timestamp: value.happenedAt,
        auto_recovery_at: value.autoRecoveryAt,
        simulated: value.simulated,
      },
    },
  ];
}
