import type { Outage } from "@amc/platform/postgres/outage-watch";
import { type StageLag, stageLags } from "@amc/platform/runtime/stage-lag";
import type { ApiContext } from "../context.ts";
import { time } from "../json/event-json.ts";
import type { Lag } from "../live/projection-lag.ts";
import type { ProviderStanding, StoredRun } from "../read-model/port.ts";
import type { Component, ComponentStatus } from "./component.ts";
import { probeExperiments } from "./experiments-standing.ts";
import { inTime } from "./in-time.ts";
import { lastHour, providerComponents } from "./provider-components.ts";
import {
  finraChecks,
  shortInterestComponent,
  shortInterestStanding,
  unansweredText,
} from "./short-interest-standing.ts";

const PROBES = {
  database: probeDatabase,
  redis: probeCache,
  log: probeLog,
  stages: probeStages,
  projector: probeProjector,
  discovery_pipeline: probeDiscovery,
  ab_testing: probeExperiments,
  short_interest: probeShortInterest,
} as const satisfies Readonly<Record<string, (context: ApiContext) => Promise<Component>>>;

export type ProbeName = keyof typeof PROBES;

/** Asks every component at once; a component that does not answer in time is unhealthy. */
export async function probeComponents(
  context: ApiContext,
): Promise<ReadonlyMap<string, Component>> {
  const names = Object.keys(PROBES).filter(isProbeName);
  const providers = probeProviders(context);
  return new Map([...(await probeNamed(context, names)), ...(await providers)]);
}

function isProbeName(name: string): name is ProbeName {
  return Object.hasOwn(PROBES, name);
}

/** The same for those that matter to whoever asks. */
export async function probeNamed(
  context: ApiContext,
  names: readonly ProbeName[],
): Promise<ReadonlyMap<string, Component>> {
  const probed = await Promise.all(
    names.map(async (name) => [name, await withDeadline(() => PROBES[name](context))] as const),
  );
  const components = new Map<string, Component>(probed);
  const database = components.get("database");
  if (database !== undefined) components.set("database", withSince(database, context.outage()));
  return components;
}

/** Without the database or the log nothing can be answered; the rest can be done without. */
export function overallStatus(
  components: ReadonlyMap<string, Component>,
): "healthy" | "degraded" | "unhealthy" {
  const vital = [components.get("database"), components.get("log")];
  if (vital.some((component) => component?.status === "unhealthy")) return "unhealthy";
  const all = [...components.values()];
  const isWhole = all.every(({ status }) => status === "healthy" || status === "not_configured");
  return isWhole ? "healthy" : "degraded";
}

async function probeDatabase({ readModel }: ApiContext): Promise<Component> {
  const missing = await readModel.missingMigrations();
  if (missing.length === 0) return { status: "healthy", detail: "answers" };
  // What does not read the columns that they bring is answered all the same.
  const lacks = `lacks ${missing.length} of this build's migrations, from ${missing[0]} on`;
  return { status: "degraded", detail: `${lacks}: start the projector of this build, it migrates` };
}

/** Since when, where that is known: a database that hangs has no code until its driver gives up. */
function withSince(component: Component, outage: Outage | null): Component {
  if (component.status === "healthy" || outage === null) return component;
  return { ...component, detail: `${component.detail} since ${time(outage.sinceMs)}` };
}

async function probeCache({ cache }: ApiContext): Promise<Component> {
  return { status: "healthy", detail: await cache.ping() };
}

async function probeLog({ log, feedLayout }: ApiContext): Promise<Component> {
  const end = await log.endOffset("discovery.run.v1", 0);
  return {
    status: "healthy",
    detail: `${feedLayout.run} partitions, run partition 0 ends at ${end}`,
  };
}

/** Input that waits is normal while it is fresh; input that nobody takes means a stage stands still. */
async function probeStages({ log, topology, nowMs, config }: ApiContext): Promise<Component> {
  const now = nowMs();
  const behind = (await stageLags(log, topology)).filter(({ records }) => records > 0);
  const late = behind.filter(
    ({ waitingSinceMs }) => waitedMs(waitingSinceMs, now) > config.readyMaxLagMs,
  );
  if (late.length > 0) return { status: "unhealthy", detail: stagesDetail(late, now) };
  return {
    status: "healthy",
    detail: behind.length === 0 ? "caught up" : stagesDetail(behind, now),
  };
}

function stagesDetail(lags: readonly StageLag[], nowMs: number): string {
  const texts = lags.map(
    ({ subtopology, partition, records, eventTimeBehindMs, waitingSinceMs }) => {
      const eventTime = `${Math.round(eventTimeBehindMs / 1000)} s of event time`;
      const waited = `the oldest for ${waitedMs(waitingSinceMs, nowMs)} ms`;
      return `${subtopology}/${partition} is ${records} records (${eventTime}) behind, ${waited}`;
    },
  );
  return texts.join("; ");
}

function waitedMs(sinceMs: number | null, nowMs: number): number {
  return sinceMs === null ? 0 : nowMs - sinceMs;
}

async function probeProjector(context: ApiContext): Promise<Component> {
  const { lag, config, nowMs } = context;
  const outage = context.projectorOutage();
  // Shorter ones are waited out unnoticed: the lag stays below its limit.
  if (outage !== null && outage.forMs > config.readyMaxLagMs) {
    const since = time(nowMs() - outage.forMs);
    return {
      status: "unhealthy",
      detail: `waits for the database since ${since} (${outage.code})`,
    };
  }
  const measured = await lag.current();
  if (measured === null) return { status: "unhealthy", detail: "the log does not answer" };
  if (measured.ms <= config.readyMaxLagMs)
    return { status: "healthy", detail: lagDetail(measured) };
  return { status: "unhealthy", detail: lagDetail(measured) };
}

function lagDetail({ records, ms }: Lag): string {
  return records === 0 ? "caught up" : `${records} records behind, the oldest for ${ms} ms`;
}

/** Known by the tables, so a database that does not answer leaves them unknown. */
async function probeProviders({
  readModel,
  config,
  nowMs,
}: ApiContext): Promise<readonly (readonly [string, Component])[]> {
  const found: ProviderStanding[] = [];
  const asked = await withDeadline(async () => {
    found.push(...(await readModel.read((view) => view.providers(lastHour(nowMs())))));
    return { status: "healthy", detail: "asked" };
  });
  return providerComponents(found, asked, config.callAllowances);
}

async function probeShortInterest({ readModel, config, nowMs }: ApiContext): Promise<Component> {
  const now = nowMs();
  const { checks, schedule } = await readModel.read(async (view) => ({
    checks: await finraChecks(view, now),
    schedule: await view.reportingSchedule(),
  }));
  if (checks === null) return { status: "not_configured", detail: "FINRA was never asked" };
  return shortInterestComponent(
    shortInterestStanding(schedule, now, config.finraBufferMs),
    unansweredText(checks, now, config.finraCheckedWithinMs),
  );
}

async function probeDiscovery({ readModel, config }: ApiContext): Promise<Component> {
  const [run] = await readModel.read((view) => view.runs({ limit: 1, after: null, asOfMs: null }));
  return run === undefined
    ? { status: "degraded", detail: "no run yet" }
    : discoveryComponent(run, config.maxRunMs);
}

function discoveryComponent({ event, executionMs }: StoredRun, maxRunMs: number): Component {
  const isLate = executionMs !== null && executionMs > maxRunMs;
  const lateness = isLate ? [`took ${executionMs} ms, more than ${maxRunMs} ms`] : [];
  const messages = [...lateness, ...event.healthMessages];
  const slot = new Date(event.slot).toISOString();
  return {
    status: discoveryStatus(event.healthStatus, isLate),
    detail: messages.length === 0 ? `run of ${slot}` : `run of ${slot}: ${messages.join("; ")}`,
  };
}

function discoveryStatus(health: string, isLate: boolean): ComponentStatus {
  if (health === "critical") return "unhealthy";
  return health === "warning" || isLate ? "degraded" : "healthy";
}

async function withDeadline(probe: () => Promise<Component>): Promise<Component> {
  const probed = await inTime(probe);
  return probed.answered ? probed.answer : { status: "unhealthy", detail: probed.why };
}
