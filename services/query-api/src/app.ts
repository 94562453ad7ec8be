import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import { addLogGauges } from "@amc/platform/metrics/log-gauges";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { OutageWatch } from "@amc/platform/postgres/outage-watch";
import type { TopicConsumer } from "@amc/platform/runtime/stage-lag";
import type { Tracer } from "@amc/platform/tracing/tracer";
import type { Subtopology } from "@amc/streams/kernel/stage";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { ApiError } from "./api-error.ts";
import { authenticate, principalOf } from "./auth/authenticate.ts";
import { isLoopback, serveLoopbackNamesOnly } from "./auth/served-hosts.ts";
import { type ApiConfig, assertSafeToListen } from "./config.ts";
import type { ApiContext, CacheReader, ProjectorOutage, ReadingCache } from "./context.ts";
import type { ControlPort } from "./control/decision.ts";
import { FactLocator } from "./evidence/fact-locator.ts";
import { answerClientError } from "./http/client-error.ts";
import { KeptAnswers } from "./http/kept-answers.ts";
import { answerProblems, sendNotFound, sendProblem } from "./http/problems.ts";
import { RequestsInHand } from "./http/requests-in-hand.ts";
import { secureHeaders } from "./http/security-headers.ts";
import { answeredRequest, newTraceId } from "./http/trace.ts";
import { feedLayout } from "./live/event-stream.ts";
import { NewestTables } from "./live/newest-tables.ts";
import { LagMeter } from "./live/projection-lag.ts";
import { ApiMetrics } from "./metrics/api-metrics.ts";
import { addJobGauges } from "./metrics/job-gauges.ts";
import { addProjectionGauges } from "./metrics/projection-gauges.ts";
import { addShortInterestGauges } from "./metrics/short-interest-gauges.ts";
import type { ReadModel } from "./read-model/port.ts";
import { watchedReadModel } from "./read-model/watched-read-model.ts";
import { controlRoute } from "./routes/control.ts";
import { runRoutes } from "./routes/discovery.ts";
import { documentationRoutes } from "./routes/documentation.ts";
import { eventRoutes } from "./routes/events.ts";
import { experimentRoutes } from "./routes/experiments.ts";
import { holdingsRoute } from "./routes/holdings.ts";
import { hourMetricRoutes } from "./routes/hour-metrics.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { legacyRoutes } from "./routes/legacy.ts";
import { nearMissRoutes } from "./routes/near-misses.ts";
import { operationalAlertRoutes } from "./routes/operational-alerts.ts";
import { operationRoutes } from "./routes/operations.ts";
import { pageRoutes } from "./routes/page.ts";
import { recommendationRoutes } from "./routes/recommendations.ts";
import { shortInterestRoutes } from "./routes/short-interest.ts";
import { symbolRoutes } from "./routes/symbols.ts";

export interface ApiOptions {
  readonly config: ApiConfig;
  readonly readModel: ReadModel;
  readonly log: Log;
  /** The stages that the log is processed by, whoever runs them: their lag is part of readiness. */
  readonly topology: readonly Subtopology[];
  readonly cache: CacheReader;
  /** Where histories of short interest are kept; they are read each time without it. */
  readonly shortInterestCache?: ReadingCache;
  readonly logger: FastifyBaseLogger;
  /** Now, ms since 1970. */
  readonly nowMs: () => number;
  /** Takes settings where this process writes the log; without it nothing here changes anything. */
  readonly control?: ControlPort;
  /** Whether the projector of this process waits for its database. */
  readonly projectorOutage?: () => ProjectorOutage | null;
  /** The process's metrics, when other parts of it export some too. */
  readonly metrics?: ProcessMetrics;
  /** Told of every request that was answered. */
  readonly tracer?: Tracer | undefined;
  /** How the end is waited for; as this machine does where it is left out. */
  readonly sleep?: WaitingClock["sleep"] | undefined;
}

const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
// The longest path parameter is a UUID; router patterns never see more than this.
const MAX_PARAMETER_LENGTH = 64;

/** Builds the API without listening; `inject` works on it. Throws `api.keys-required`. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { config, nowMs } = options;
  assertSafeToListen(config);
  const app = newApp(options);
  const inHand = new RequestsInHand(app, options.sleep);
  const context = contextOf(options);
  answerProblems(app);
  secureHeaders(app);
  if (config.keys.length === 0 && isLoopback(config.host)) serveLoopbackNamesOnly(app);
  authenticate(app, {
    keys: config.keys,
    controlToken: options.control?.token ?? null,
    nowMs,
  });
  measureRequests(app, context, options.tracer);
  await app.register(rateLimit, rateLimitOf(config));
  await app.register(swagger, OPENAPI);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, sendNotFound);
  registerRoutes(app, context);
  if (options.control !== undefined) controlRoute(app, options.control);
  // Behind the hook of the event streams, which have no end of their own.
  app.addHook("preClose", async () => {
    const left = await inHand.ended();
    if (left > 0) app.log.warn({ left }, "requests were cut off: they took too long to end");
  });
  await app.ready();
  return app;
}

function newApp({ config, logger }: ApiOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: logger,
    genReqId: newTraceId,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Connections that sent nothing would keep it from closing; requests in hand have ended before.
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
    clientErrorHandler: answerClientError,
    ajv: {
      // An unknown parameter is a mistake of the caller that should not pass in silence.
      customOptions: {
        removeAdditional: false,
        coerceTypes: true,
        useDefaults: true,
        allErrors: false,
      },
    },
  });
  app.server.maxHeadersCount = MAX_HEADERS;
  app.removeContentTypeParser("text/plain");
  return app;
}

/** An alert that nobody takes is one that nobody hears: it waits as visibly as a stage does. */
const ALERT_SENDERS: readonly TopicConsumer[] = [
  { group: "alert-sender-console", topic: "alerts.requested.v1" },
  { group: "alert-sender-sms", topic: "alerts.requested.v1", isOptional: true },
];

function contextOf(options: ApiOptions): ApiContext {
  const { config, log, topology, cache, nowMs, metrics = new ProcessMetrics(nowMs) } = options;
  const database = new OutageWatch(nowMs);
  const readModel = watchedReadModel(options.readModel, database);
  const tables = new NewestTables(readModel);
  metrics.watch("database", () => readModel.ping());
  metrics.watch("cache", () => cache.ping());
  metrics.watch("log", () => log.endOffset("discovery.run.v1", 0));
  addLogGauges(metrics.registry, { log, topology, consumers: ALERT_SENDERS, nowMs });
  addProjectionGauges(metrics.registry, { log, readModel, nowMs });
  addShortInterestGauges(metrics.registry, { readModel, config, nowMs });
  addJobGauges(metrics.registry, readModel, nowMs);
  return {
    config,
    readModel,
    log,
    topology,
    cache,
    shortInterestCache: options.shortInterestCache ?? null,
    nowMs,
    outage: () => database.outage,
    projectorOutage: options.projectorOutage ?? (() => null),
    lag: new LagMeter(log, tables, nowMs),
    tables,
    answers: new KeptAnswers(),
    facts: new FactLocator(log),
    metrics: new ApiMetrics(metrics),
    feedLayout: feedLayout(log),
  };
}

function registerRoutes(app: FastifyInstance, context: ApiContext): void {
  operationRoutes(app, context);
  legacyRoutes(app, context);
  holdingsRoute(app, context);
  runRoutes(app, context);
  recommendationRoutes(app, context);
  nearMissRoutes(app, context);
  symbolRoutes(app, context);
  shortInterestRoutes(app, context);
  jobRoutes(app, context);
  operationalAlertRoutes(app, context);
  hourMetricRoutes(app, context);
  experimentRoutes(app, context);
  eventRoutes(app, context);
  documentationRoutes(app);
  pageRoutes(app);
}

function measureRequests(
  app: FastifyInstance,
  { metrics }: ApiContext,
  tracer: Tracer | undefined,
): void {
  app.addHook("onResponse", (request, reply, done) => {
    // The pattern, not the path: paths hold symbols and ids.
    const route = request.routeOptions.url ?? "unmatched";
    metrics.observeRequest(route, reply.statusCode, reply.elapsedTime / 1000);
    tracer?.answered(answeredRequest(request, route, reply));
    done();
  });
}

function rateLimitOf({ requestsPerMinute }: ApiConfig) {
  return {
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: Parameters<typeof principalOf>[0]) =>
      principalOf(request)?.keyId ?? request.ip,
    errorResponseBuilder: (_request: unknown, { ttl }: { ttl: number }) =>
      new ApiError("rate-limited", `try again in ${Math.ceil(ttl / 1000)} s`),
  };
}

const OPENAPI = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "AMC query API",
      version: "1.0.0",
      description:
        "Discovery runs, recommendations and the evidence for them. Instants are RFC 3339 in UTC; null means unknown.",
    },
    components: {
      securitySchemes: { key: { type: "http" as const, scheme: "bearer" } },
    },
    security: [{ key: [] }],
  },
};
