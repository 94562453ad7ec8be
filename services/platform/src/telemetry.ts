import { ChainLines, type LineLogger } from "./chain-lines.ts";
import type { Clock } from "./clock.ts";
import type { Variables } from "./config/variables.ts";
import { DiscoveryLines } from "./discovery-lines.ts";
import type { Append, Log } from "./log/port.ts";
import { createLogger } from "./logger.ts";
import { tickLookup } from "./metrics/log-gauges.ts";
import { ProcessMetrics } from "./metrics/process-metrics.ts";
import { allProjectionObservers, type ProjectionObserver } from "./metrics/projection-metrics.ts";
import { allObservers, type RunnerObserver } from "./runtime/runner-observer.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import type { Tracer } from "./tracing/tracer.ts";

/** What one process tells about its work: metrics, log lines and, where configured, traces. */
export interface Telemetry {
  readonly metrics: ProcessMetrics;
  /** For the stage runners of the process. */
  readonly stages: RunnerObserver;
  /** For its projections. */
  readonly projections: ProjectionObserver;
  /** Undefined unless traces are exported. */
  readonly tracer: Tracer | undefined;
  /**
   * What a part without a stage runner has committed, dead letters among it; `parents` as in
   * `CommittedBatch`.
   */
  written(
    part: string,
    appends: readonly Append[],
    elapsedMs: number,
    parents?: ReadonlyMap<string, string>,
  ): void;
  /** Sends the last spans, for two seconds at most. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  readonly variables: Variables;
  readonly logger: LineLogger;
  readonly clock: Clock;
  readonly log: Log;
  /** Those of a process that told of itself before its log was open. */
  readonly metrics?: ProcessMetrics;
}

export function openTelemetry({
  variables,
  logger,
  clock,
  log,
  metrics = new ProcessMetrics(clock.nowMs),
}: TelemetryOptions): Telemetry {
  metrics.projections.findTicksBy(tickLookup(log));
  metrics.watch("log", () => log.endOffset("ops.clock.v1", 0));
  const lines = new ChainLines(logger);
  const tracing = openTracing(variables, metrics, clock.nowMs);
  const traced = tracing === null ? [] : [tracing.tracer];
  const discovery = variables.DEBUG_DISCOVERY_PIPELINE ? [openDiscoveryLines()] : [];
  return {
    metrics,
    stages: allObservers([
      metrics.stages,
      lines.stages,
      ...discovery,
      ...traced.map(({ stages }) => stages),
    ]),
    projections: allProjectionObservers([
      metrics.projections,
      lines.projections,
      ...traced.map(({ projections }) => projections),
    ]),
    tracer: tracing?.tracer,
    written: (part, appends, elapsedMs, parents) => {
      lines.written(part, appends);
      for (const { headers } of appends) {
        const code = headers["dlq-code"];
        if (code !== undefined) metrics.deadLettered(part, code);
      }
      tracing?.tracer.written(appends, elapsedMs, parents);
    },
    close: async () => {
      await tracing?.close();
    },
  };
}

/** Whoever switches them on wants them, whatever `LOG_LEVEL` lets through of the rest. */
function openDiscoveryLines(): DiscoveryLines {
  return new DiscoveryLines(createLogger("debug"));
}
