import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { ConsoleSender } from "@amc/alert-sender/console-sender";
import { openCache } from "@amc/platform/cache/open-cache";
import type { Cache } from "@amc/platform/cache/port";
import { type Clock, SYSTEM_CLOCK } from "@amc/platform/clock";
import type { Variables } from "@amc/platform/config/variables";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { errorCode } from "@amc/platform/postgres/errors";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry, type Telemetry } from "@amc/platform/telemetry";
import type { ProcessorFailure } from "@amc/processor/partition-loop";
import { Processor } from "@amc/processor/processor";
import type { Probe } from "@amc/projector/commit-batch";
import { createProjector, type Projector, type ProjectorOptions } from "@amc/projector/projector";
import { createApi } from "@amc/query-api/app";
import { type ApiConfig, apiConfigOf, assertSafeToListen } from "@amc/query-api/config";
import type { ControlPort } from "@amc/query-api/control/decision";
import { listen } from "@amc/query-api/listen";
import type { ReadModel } from "@amc/query-api/read-model/port";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import type { Requested } from "@amc/schemas/generated/events";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { ScoringConfig } from "@amc/streams/scoring/config";
import { createTopology } from "@amc/streams/topology/topology";
import { cacheSettingsOf } from "./cache-settings.ts";
import { Closers } from "./closers.ts";
import { type Database, openDatabase } from "./database.ts";
import { watchRunTimes } from "./operations/degradation.ts";
import { closeDoor, openDoor } from "./operations/settings/control-door.ts";
import { experimentDefaults } from "./operations/settings/experiment-decision.ts";
import { decisionsInTurn } from "./operations/settings/operator-settings.ts";
import { openSmsChannel, type SmsChannel } from "./operations/sms-channel.ts";
import { isStop } from "./stop-signal.ts";

export interface SystemOptions {
  readonly variables: Variables;
  readonly dataDirectory: string;
  readonly scoring: ScoringConfig;
  /** Symbols that a run should evaluate; null means the whole market. */
  readonly configuredUniverse: number | null;
  /** Time of this machine where it is left out. */
  readonly clock?: Clock;
  /**
   * Gives the opening up: what was opened is closed, and its reason is thrown. Within seconds, but for a step
   * that works, which is finished first, and two waits with bounds of their own: a given server that falls
   * silent behind the migrations (`PROJECTOR_WAITS`: 30 s for a connection, 25 s for an answer), and one of
   * ours that does not stop when it is asked to (20 s until it is killed).
   */
  readonly signal?: AbortSignal | undefined;
  /** Called with the opened log before anything else is started; what it throws ends the start. */
  readonly checkLog?: (log: Log) => Promise<void>;
  /** For fault tests: called between the steps of a projector's commit. */
  readonly projectorProbe?: Probe;
  /** Shows one alert at the terminal. */
  readonly showAlert: (id: string, alert: Requested) => void;
}

/** The whole product in one process tree: file log, real Postgres, cache in the process or Redis. */
export interface System {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly processor: Processor;
  readonly projector: Projector;
  readonly alerts: ConsoleSender;
  /** Where alerts go beside the terminal; null when they do not. */
  readonly sms: SmsChannel | null;
  readonly database: Database;
  /** Where the API and the page listen. */
  readonly address: string;
  /** Rejects with the first failure that ends the system; resolves after `stop`. */
  readonly ended: Promise<void>;
  /** Finishes the batches in hand and closes everything, in the order that loses nothing. */
  stop(): Promise<void>;
}

/**
 * Opens all parts. Throws `api.config` or `api.keys-required` before anything is opened or written,
 * and what the parts throw after closing those that were opened. The reason of `signal` is thrown only by
 * who was cut short by it: whatever else fails, or does not close, is told.
 */
export async function openSystem(options: SystemOptions): Promise<System> {
  const apiConfig = apiConfigFor(options);
  assertSafeToListen(apiConfig);
  const closers = new Closers();
  try {
    return await openParts(options, apiConfig, closers);
  } catch (error) {
    // Looked at before anything is closed: it may be asked to end while that lasts, which hides nothing.
    const isAsked = options.signal !== undefined && isStop(error, options.signal);
    await closers.close(isAsked ? undefined : error);
    throw error;
  }
}

async function openParts(
  options: SystemOptions,
  apiConfig: ApiConfig,
  closers: Closers,
): Promise<System> {
  const { variables, scoring, configuredUniverse, clock = SYSTEM_CLOCK } = options;
  const dataDirectory = resolve(options.dataDirectory);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const failed = Promise.withResolvers<never>();
  // It may fail before anybody waits for `ended`; the closers must still run.
  void Promise.allSettled([failed.promise]);
  const logger = createLogger(variables.LOG_LEVEL);
  const log = await openLog(options, dataDirectory, closers);
  const telemetry = openTelemetry({ variables, logger, clock, log });
  closers.add(() => telemetry.close());
  const database = await openDatabase({
    dataDirectory,
    url: variables.DATABASE_URL,
    migratorUrl: variables.DATABASE_MIGRATOR_URL,
    binaries: variables.AMC_POSTGRES,
    ...{ onFailure: failed.reject, signal: options.signal },
  });
  closers.add(() => database.close());
  const caches = await openCaches(variables, logger, closers);
  const projector = projectorOf(options, {
    ...{ log, pool: database.projector, cache: caches.cache, logger },
    observer: telemetry.projections,
  });
  await startProjector(projector, closers, options.signal);
  const topology = createTopology({ scoring, configuredUniverse, failFast: false });
  const control = controlOf(variables, log);
  const readModel = createPostgresReadModel(database.api);
  const { app, address } = await openApi(apiConfig, {
    ...{ log, topology, readModel, projector, logger, telemetry, control, clock },
    ...caches,
  });
  closers.add(() => app.close());
  openDoor(dataDirectory, { pid: process.pid, address, token: control.token });
  closers.add(async () => closeDoor(dataDirectory));
  const processor = await Processor.open({
    ...{ log, topology, observer: telemetry.stages },
    onFailure: tellFailures(telemetry, logger),
  });
  options.signal?.throwIfAborted();
  const stopping = new AbortController();
  const processed = processor.run(stopping.signal);
  const watched = watchRunTimes({ variables, log, readModel, control, logger }, stopping.signal);
  closers.add(async () => {
    stopping.abort();
    // Its failure, if any, is what `ended` rejects with.
    await Promise.allSettled([processed, watched]);
  });
  const sms = await startSms(variables, { log, logger, telemetry, clock }, closers);
  const showing = { show: options.showAlert, nowMs: clock.nowMs };
  const alerts = await ConsoleSender.open({ log, telemetry, ...showing });
  return {
    log,
    telemetry,
    processor,
    projector,
    alerts,
    sms: sms.channel,
    database,
    address,
    ended: Promise.race([processed, sms.ended, projector.ended, failed.promise]),
    stop: () => closers.close(),
  };
}

/** Waits for the database until it is there or `signal` aborts. */
async function startProjector(
  projector: Projector,
  closers: Closers,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  // `ended` tells how it stopped.
  const stop = (): void => void Promise.allSettled([projector.stop()]);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await projector.start();
    closers.add(() => projector.stop());
  } catch (error) {
    // Whose start was only cut short has ended well.
    await projector.ended;
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
}

/** Sends text messages, where they are configured, until the system closes. */
async function startSms(
  variables: Variables,
  { clock, ...parts }: Pick<ApiParts, "log" | "logger" | "telemetry" | "clock">,
  closers: Closers,
): Promise<{ readonly channel: SmsChannel | null; readonly ended: Promise<void> }> {
  const metrics = parts.telemetry.metrics.providerCalls;
  const waiting = { ...WAITING_CLOCK, ...clock };
  const channel = await openSmsChannel({ ...parts, variables, metrics, clock: waiting });
  if (channel === null) return { channel, ended: new Promise(() => undefined) };
  closers.add(() => channel.close());
  const sender = await channel.open();
  const stopping = new AbortController();
  const ended = sender.run(stopping.signal);
  closers.add(async () => {
    stopping.abort();
    await Promise.allSettled([ended]);
  });
  // It may fail before anybody waits for it; who does hears of it all the same.
  void Promise.allSettled([ended]);
  return { channel, ended };
}

/** One for each purpose, by what the API calls them. */
async function openCaches(
  variables: Variables,
  logger: ReturnType<typeof createLogger>,
  closers: Closers,
): Promise<Pick<ApiParts, "cache" | "shortInterestCache">> {
  const cache = await openCache(variables, "discovery", logger);
  closers.add(() => cache.close());
  const shortInterestCache = await openCache(variables, "shortInterest", logger);
  closers.add(() => shortInterestCache.close());
  return { cache, shortInterestCache };
}

function controlOf(variables: Variables, log: Log): ControlPort {
  const token = randomBytes(32).toString("base64url");
  return { token, publish: decisionsInTurn(log, experimentDefaults(variables)) };
}

function tellFailures({ metrics }: Telemetry, logger: ReturnType<typeof createLogger>) {
  return ({ error, ...where }: ProcessorFailure): void => {
    metrics.failed(where.subtopology, errorCode(error) ?? "unknown", where.retryInMs !== null);
    logger.error({ err: error, ...where }, "a partition failed");
  };
}

function projectorOf(
  { variables, projectorProbe: probe }: SystemOptions,
  parts: Pick<ProjectorOptions, "log" | "pool" | "cache" | "logger" | "observer">,
): Projector {
  return createProjector({
    ...parts,
    cacheSettings: cacheSettingsOf(variables),
    ...(probe === undefined ? {} : { probe }),
  });
}

async function openLog(
  { variables, checkLog, signal, clock = SYSTEM_CLOCK }: SystemOptions,
  dataDirectory: string,
  closers: Closers,
): Promise<Log> {
  const log = await openFileLog({
    directory: `${dataDirectory}/log`,
    layout: systemLayout(variables.AMC_PARTITIONS),
    clock: clock.nowMs,
  });
  closers.add(() => log.close());
  await checkLog?.(log);
  signal?.throwIfAborted();
  return log;
}

interface ApiParts {
  readonly log: Log;
  readonly topology: readonly Subtopology[];
  readonly readModel: ReadModel;
  readonly projector: Projector;
  readonly cache: Cache;
  readonly shortInterestCache: Cache;
  readonly control: ControlPort;
  readonly telemetry: Telemetry;
  readonly logger: ReturnType<typeof createLogger>;
  readonly clock: Clock;
}

function apiConfigFor({ variables, scoring, clock = SYSTEM_CLOCK }: SystemOptions): ApiConfig {
  const configured = { ...variables, SCORING_STRATEGY: scoring.strategy };
  return apiConfigOf(configured, clock.nowMs());
}

async function openApi(config: ApiConfig, parts: ApiParts) {
  const { log, topology, readModel, projector, control, telemetry, logger, clock } = parts;
  const app = await createApi({
    config,
    readModel,
    log,
    topology,
    cache: parts.cache,
    shortInterestCache: parts.shortInterestCache,
    metrics: telemetry.metrics,
    tracer: telemetry.tracer,
    logger,
    nowMs: clock.nowMs,
    control,
    projectorOutage: () => projector.outage(),
  });
  return { app, address: await listen(app, config) };
}
