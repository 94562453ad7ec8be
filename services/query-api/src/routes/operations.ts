import { withinTime } from "@amc/platform/metrics/scrape";
import { sessionOf } from "@amc/streams/market/sessions";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import type { Component } from "../health/component.ts";
import { overallStatus, probeComponents } from "../health/components.ts";
import { lastHour } from "../health/provider-components.ts";
import { readiness } from "../health/readiness.ts";
import { strategyInForce } from "../health/strategy-in-force.ts";
import { NO_QUERY } from "../http/query-schema.ts";
import { time } from "../json/event-json.ts";
import { FLAG, type JsonSchema, listOf, object, TEXT, TIME } from "../json/json-schema.ts";
import type { ReadView } from "../read-model/port.ts";

// The seed's `/health` names the system so (R-API-19).
const SYSTEM_VERSION = "unified_v1.0.0";

const COMPONENT = object({
  status: { type: "string", enum: ["healthy", "degraded", "unhealthy", "not_configured"] },
  detail: TEXT,
});
const HEALTH = object({
  status: { type: "string", enum: ["healthy", "degraded", "unhealthy"] },
  timestamp: TIME,
  components: { type: "object", additionalProperties: COMPONENT },
  system: object({ version: TEXT, active_strategy: TEXT, session: TEXT }),
});
const READINESS = object({ ready: FLAG, reasons: listOf(TEXT) });

/** `/health`, `/livez`, `/readyz` and `/metrics`. */
export function operationRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get("/livez", {
    config: { scope: "public", rateLimit: false },
    schema: operation("The process answers", { 200: object({ alive: FLAG }) }),
    handler: async () => ({ alive: true }),
  });
  app.get("/readyz", {
    config: { scope: "monitor" },
    schema: operation("Caught up, and every dependency answers; else the reasons", {
      200: READINESS,
      503: READINESS,
    }),
    handler: async (_request, reply) => {
      const { ready, reasons } = await readiness(context);
      return reply.code(ready ? 200 : 503).send({ ready, reasons });
    },
  });
  app.get("/health", {
    config: { scope: "monitor" },
    schema: operation("State of every component", { 200: HEALTH, 503: HEALTH }),
    handler: async (_request, reply) => {
      const components = await probeComponents(context);
      const status = overallStatus(components);
      return reply
        .code(status === "unhealthy" ? 503 : 200)
        .send(await healthBody(context, status, components));
    },
  });
  metricsRoute(app, context);
}

function metricsRoute(app: FastifyInstance, context: ApiContext): void {
  app.get("/metrics", {
    config: { scope: "monitor" },
    schema: { summary: "Prometheus metrics", tags: ["operations"], produces: ["text/plain"] },
    handler: async (_request, reply) => {
      if (!context.config.metricsEnabled)
        throw new ApiError("not-found", "metrics are switched off");
      await showStored(context);
      const { process } = context.metrics;
      return reply.type(process.contentType).send(await process.metrics());
    },
  });
}

/** Without the database nothing is known of runs and providers; everything else must still be told. */
async function showStored({ readModel, metrics, nowMs, config }: ApiContext): Promise<void> {
  // Each by itself: tables that cannot be read of the one must not hide the others.
  const [providers, arms, newest] = await Promise.all([
    withinTime(readModel.read((view) => view.providers(lastHour(nowMs())))),
    withinTime(readModel.read((view) => view.experimentArms())),
    withinTime(readModel.read(newestRun)),
  ]);
  metrics.showProviders(providers ?? []);
  metrics.showExperiments(arms ?? []);
  if (newest === null) metrics.hideRun();
  else metrics.showRun(newest.run, newest.errors, nowMs(), config.maxRunMs);
}

async function newestRun(view: ReadView) {
  const [run] = await view.runs({ limit: 1, after: null, asOfMs: null });
  return run === undefined ? null : { run, errors: await view.detectorErrors(run) };
}

async function healthBody(
  context: ApiContext,
  status: string,
  components: ReadonlyMap<string, Component>,
) {
  const nowMs = context.nowMs();
  return {
    status,
    timestamp: time(nowMs),
    components: Object.fromEntries(components),
    system: {
      version: SYSTEM_VERSION,
      active_strategy: await strategyInForce(context),
      session: sessionOf(nowMs).toLowerCase(),
    },
  };
}

function operation(summary: string, response: Readonly<Record<number, JsonSchema>>) {
  return { summary, tags: ["operations"], querystring: NO_QUERY, response };
}
