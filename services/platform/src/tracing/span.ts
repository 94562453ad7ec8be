import type { TraceParent } from "@amc/schemas/trace-context";

/** Numbers of the OpenTelemetry protocol (opentelemetry-proto, trace.proto). */
export const SPAN_KIND = { server: 2, producer: 4, consumer: 5 } as const;

export interface Span extends TraceParent {
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: (typeof SPAN_KIND)[keyof typeof SPAN_KIND];
  /** Ms since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** Why the work failed; absent where it did not. */
  readonly error?: string | undefined;
}

// Status code ERROR of trace.proto.
const STATUS_ERROR = 2;

/** An ExportTraceServiceRequest in OTLP's JSON encoding: ids in hexadecimal, 64-bit numbers as text. */
export function otlpRequest(serviceName: string, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [attribute("service.name", serviceName)] },
        scopeSpans: [{ scope: { name: "amc" }, spans: spans.map(otlpSpan) }],
      },
    ],
  });
}

function otlpSpan(span: Span) {
  const { traceId, spanId, parentSpanId, name, kind, startMs, endMs, attributes, error } = span;
  return {
    ...{ traceId, spanId, name, kind },
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    startTimeUnixNano: unixNano(startMs),
    endTimeUnixNano: unixNano(endMs),
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [attribute(key, value)],
    ),
    ...(error === undefined ? {} : { status: { code: STATUS_ERROR, message: error } }),
  };
}

function attribute(key: string, value: string | number) {
  return typeof value === "string"
    ? { key, value: { stringValue: value } }
    : { key, value: { intValue: String(value) } };
}

/** Microseconds are all that a double of ms since 1970 can hold. */
function unixNano(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
