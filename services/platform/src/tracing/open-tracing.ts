import type { Variables } from "../config/variables.ts";
import type { ProcessMetrics } from "../metrics/process-metrics.ts";
import { OtlpExporter } from "./otlp-exporter.ts";
import { Tracer } from "./tracer.ts";

/** Spans of one process on their way to a collector. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what waits, for two seconds at most. */
  close(): Promise<void>;
}

/** What the standard variables of OpenTelemetry ask for; null, and no work at all, without an endpoint. */
export function openTracing(
  variables: Variables,
  metrics: ProcessMetrics,
  nowMs: () => number,
): Tracing | null {
  const endpoint = variables.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return null;
  const exporter = new OtlpExporter({
    endpoint,
    headers: variables.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: variables.OTEL_SERVICE_NAME,
    onOutcome: (outcome, spans) => metrics.countSpans(outcome, spans),
  });
  const ratio = variables.OTEL_TRACES_SAMPLER_ARG;
  const tracer = new Tracer({ exporter, ratio, nowMs });
  return { tracer, close: () => exporter.close() };
}
