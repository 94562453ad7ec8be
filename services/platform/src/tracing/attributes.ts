import type { Headers } from "../log/port.ts";

/**
 * Names of span attributes. OpenTelemetry's conventions for messaging are still being renamed, so
 * they stand in this one file; what is ours begins with `amc.`.
 */
export function recordAttributes(
  topic: string,
  partition: number | undefined,
  key: string | null,
  headers: Headers,
): Readonly<Record<string, string | number | undefined>> {
  return {
    "messaging.destination.name": topic,
    "messaging.destination.partition.id": partition === undefined ? undefined : String(partition),
    "messaging.message.id": headers.ce_id,
    "amc.key": key ?? undefined,
    "amc.event.time": headers.ce_time,
    "amc.stage": headers["amc-stage"],
    "amc.run.id": headers["amc-run"],
    "amc.dead-letter.code": headers["dlq-code"],
  };
}

export function requestAttributes(
  method: string,
  route: string,
  status: number,
  eventId: string | undefined,
): Readonly<Record<string, string | number | undefined>> {
  return {
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "amc.event.id": eventId,
  };
}
