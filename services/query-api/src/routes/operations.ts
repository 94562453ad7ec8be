import { withinTime } from "@amc/platform/metrics/scrape";
import { sessionOf } from "@amc/streams/market/sessions";
import type { FastifyContextConfig, FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import { unlimitedFor } from "../auth/authenticate.ts";
import type { ApiContext } from "../context.ts";
import { overallStatus, probeComponents } from "../health/components.ts";
import { lastHour } from "../health/provider-components.ts";
import { readiness } from "../health/readiness.ts";
import { strategyInForce } from "../health/strategy-in-force.ts";
import { NO_QUERY } from "../http/query-schema.ts";
import { time } from "../json/event-json.ts";
import {
  FLAG,
  type JsonSchema,
  listOf,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";
import { SharedQuestion } from "../live/shared-question.ts";
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
  system: object({
    version: TEXT,
    active_strategy: nullable(TEXT),
    /** Null while the strategy is known. */
    active_strategy_unknown_because: nullable(TEXT),
    session: TEXT,
  }),
});
const READINESS = object({ ready: FLAG, reasons: listOf(TEXT) });

/**
 * `/health`, `/livez`, `/readyz` and `/metrics`. Whoever may ask may ask as often as they like: a probe
 * that is turned away for what others of its address ask would tell of an end that has not come. What
 * is looked up for them is looked up for all that wait.
 */
export function operationRoutes(app: FastifyInstance, context: ApiContext): void {
  const config = { scope: "monitor", rateLimit: unlimitedFor("monitor", context.config) } as const;
  const ready = new SharedQuestion(() => readiness(context));
  const health = new SharedQuestion(() => healthOf(context));
  app.get("/livez", {
    config: { scope: "public", rateLimit: false },
    schema: operation("The process answers", { 200: object({ alive: FLAG }) }),
    handler: async () => ({ alive: true }),
  });
  app.get("/readyz", {
    config,
    schema: operation("Caught up, and every dependency answers; else the reasons", {
      200: READINESS,
      503: READINESS,
    }),
    handler: async (_request, reply) => {
      const answer = await ready.answer();
      return reply.code(answer.ready ? 200 : 503).send(answer);
    },
  });
  app.get("/health", {
    config,
    schema: operation("State of every component", { 200: HEALTH, 503: HEALTH }),
    handler: async (_request, reply) => {
      const body = await health.answer();
      return reply.code(body.status === "unhealthy" ? 503 : 200).send(body);
    },
  });
  metricsRoute(app, context, config);
}

function metricsRoute(
  app: FastifyInstance,
  context: ApiContext,
  config: FastifyContextConfig,
): void {
  const { process } = context.metrics;
  const metrics = new SharedQuestion(async () => {
    await showStored(context);
    return process.metrics();
  });
  app.get("/metrics", {
    config,
    schema: { summary: "Prometheus metrics", tags: ["operations"], produces: ["text/plain"] },
    handler: async (_request, reply) => {
      if (!context.config.metricsEnabled)
        throw new ApiError("not-found", "metrics are switched off");
      return reply.type(process.contentType).send(await metrics.answer());
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

async function healthOf(context: ApiContext) {
  // Side by side: whoever asks waits for the slowest part, not for one after the other.
  const [components, inForce] = await Promise.all([
    probeComponents(context),
    strategyInForce(context),
  ]);
  const nowMs = context.nowMs();
  return {
    status: overallStatus(components),
    timestamp: time(nowMs),
    components: Object.fromEntries(components),
    system: {
      version: SYSTEM_VERSION,
      active_strategy: inForce.strategy,
      active_strategy_unknown_because: inForce.unknownBecause,
      session: sessionOf(nowMs).toLowerCase(),
    },
  };
}

function operation(summary: string, response: Readonly<Record<number, JsonSchema>>) {
  return { summary, tags: ["operations"], querystring: NO_QUERY, response };
}
