import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { SERVICE_ROLES, type ServiceRole } from "@amc/platform/config/roles";
import type { Variables } from "@amc/platform/config/variables";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { createLogger } from "@amc/platform/logger";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import type { Readiness } from "@amc/platform/operations-server/operations";
import {
  type OperationsServer,
  serveOperations,
} from "@amc/platform/operations-server/operations-server";
import { openTelemetry } from "@amc/platform/telemetry";
import { Closers } from "../closers.ts";
import type { Printer } from "../output/printer.ts";
import type { Recording } from "../recordings.ts";
import { untilStopped } from "../stop-signal.ts";
import type { Service, ServiceContext } from "./service.ts";
import { openServiceLog, serviceConnection } from "./service-log.ts";
import { tellTopicDrift, topicLook } from "./watch-topics.ts";

/** Ports that each service has for its instances, from OPERATIONS_PORT on. */
export const PORTS_PER_SERVICE = 20;

/** Each service is loaded only where it runs. */
const SERVICES: Readonly<
  Record<ServiceRole, () => Promise<(context: ServiceContext) => Promise<Service>>>
> = {
  ingest: async () => (await import("./ingest-service.ts")).openIngest,
  processor: async () => (await import("./processor-service.ts")).openProcessor,
  projector: async () => (await import("./projector-service.ts")).openProjector,
  api: async () => (await import("./api-service.ts")).openApi,
  alerts: async () => (await import("./alerts-service.ts")).openAlerts,
  scheduler: async () => (await import("./scheduler-service.ts")).openScheduler,
  "short-interest": async () => (await import("./short-interest-service.ts")).openShortInterest,
  live: async () => (await import("./live-service.ts")).openLive,
};

export interface RunOptions {
  readonly role: ServiceRole;
  readonly instance: number;
  readonly variables: Variables;
  readonly recording: Recording;
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

/** How a service ended that did not fail: stopped while it waited for its servers, or after it had worked. */
export type RunEnd = "stopped in its start" | "worked";

/**
 * Runs one service in this process until `signal` aborts or it has nothing left to do, then closes
 * what was opened, in reverse. Probes are answered from the start: alive, and not ready yet. A service
 * that is stopped in its start leaves what it was about to open to the end of the process.
 */
export async function runService(options: RunOptions): Promise<RunEnd> {
  const { role, instance, printer, signal } = options;
  const closers = new Closers();
  const metrics = new ProcessMetrics(SYSTEM_CLOCK.nowMs);
  let service: Service | null = null;
  const ready = async (): Promise<Readiness> =>
    (await service?.ready?.()) ?? { ready: false, reasons: ["is starting"] };
  try {
    const probes = await serveProbes(options, metrics, ready);
    closers.add(async () => probes?.close());
    // Servers that do not answer are waited for longer than whoever stops a service waits.
    const stopped = untilStopped(signal).then(() => null);
    service = await Promise.race([stopped, openService(options, metrics, closers)]);
    if (service === null) return "stopped in its start";
    const address = service.address ?? probes?.address ?? null;
    printer.line(
      { type: "service", service: role, instance, pid: process.pid, address },
      `${role} ${instance} (process ${process.pid}) at ${address}`,
    );
    await service.run(signal);
    return "worked";
  } finally {
    await closers.close();
  }
}

async function openService(
  options: RunOptions,
  metrics: ProcessMetrics,
  closers: Closers,
): Promise<Service> {
  const { role, instance, variables } = options;
  const logger = createLogger(variables.LOG_LEVEL);
  const log = await openServiceLog(variables, {
    ...{ role, instance },
    onRestored: (restored) => {
      logger.info(restored, "state was restored");
      metrics.restores.restored(restored);
    },
  });
  closers.add(() => log.close());
  const look = topicLook(serviceConnection(variables, { role, instance }), variables);
  await tellTopicDrift(look, logger);
  const telemetry = openTelemetry({ variables, logger, clock: SYSTEM_CLOCK, log, metrics });
  closers.add(() => telemetry.close());
  const open = await SERVICES[role]();
  const parts = { log, metrics, telemetry, logger, closers, clock: WAITING_CLOCK };
  return await open({ ...options, ...parts });
}

/** The API answers probes where it answers everything else. */
async function serveProbes(
  { role, instance, variables }: RunOptions,
  metrics: ProcessMetrics,
  ready: () => Promise<Readiness>,
): Promise<OperationsServer | null> {
  if (role === "api") return null;
  const { OPERATIONS_HOST: host, OPERATIONS_PORT: first } = variables;
  return await serveOperations({
    host,
    port: operationsPort(first, role, instance),
    operations: {
      live: () => true,
      ready,
      metrics: variables.PROMETHEUS_METRICS_ENABLED ? () => metrics.metrics() : null,
      metricsType: metrics.contentType,
    },
  });
}

function operationsPort(first: number, role: ServiceRole, instance: number): number {
  return first === 0 ? 0 : first + SERVICE_ROLES.indexOf(role) * PORTS_PER_SERVICE + instance;
}
