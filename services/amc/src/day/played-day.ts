import { setTimeout } from "node:timers/promises";
import { type MockedVariables, mockedVariables } from "@amc/mock-providers/mocked-variables";
import { loadConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { runClock } from "@amc/scheduler/run-clock";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { Closers } from "../closers.ts";
import { KnownBars } from "../live/known-bars.ts";
import { openLiveSources } from "../live/live-sources.ts";
import { type AskedTask, askedTasks, repeatTask, tickWaitMs } from "../live/source-sweeps.ts";
import { sweepBudgets } from "../live/sweep-budget.ts";
import { openProjectorJobs } from "../run/projector-jobs.ts";
import { SHORT_INTEREST_UNITS, shortInterestWork } from "../run/short-interest-service.ts";
import { UnitTries } from "../run/unit-tries.ts";
import { configuredScoring } from "../scoring-options.ts";
import { openSystem, type System } from "../system.ts";
import { Activity } from "./activity.ts";
import { DayClock } from "./day-clock.ts";
import type { DayPlan } from "./day-plan.ts";
import { failingNow } from "./failing-provider.ts";
import { type HeardHealth, hearHealth } from "./heard-health.ts";

/** The day while it stands still, to be looked at. */
export interface PlayedDay {
  readonly system: System;
  readonly mocks: Pick<MockedVariables, "servers">;
  /** One an hour, and one at the end. */
  readonly health: readonly HeardHealth[];
  close(): Promise<void>;
}

/** Providers are mocks, all of them; ticks are as far apart as the runs of jobs. */
const MOCKS = {
  YAHOO_FINANCE_MOCK: "true",
  MOCK_FINRA_DATA_ENABLED: "true",
  MOCK_ALPHA_VANTAGE_DATA_ENABLED: "true",
  MOCK_POLYGON_DATA_ENABLED: "true",
  MOCK_NEWS_DATA_ENABLED: "true",
  SCHEDULER_TICK_MS: "30000",
  AMC_PARTITIONS: "1",
  LOG_LEVEL: "fatal",
  PORT: "0",
};
const LOOK_EVERY_MS = 15 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const never = new AbortController().signal;
/** Of real time, between two looks at whether stages and tables have caught up. */
const POLL_MS = 5;
const SILENT = {
  unreachable: () => undefined,
  answersAgain: () => undefined,
  unknown: () => undefined,
};

/**
 * Plays a day: the system of `npm start`, with its sources, the scheduler and everything that works on its
 * jobs, over mocks that answer by the same clock. Resolves at the end of the day, when all is in the
 * tables.
 */
export async function playDay(plan: DayPlan): Promise<PlayedDay> {
  const closers = new Closers();
  try {
    return await play(plan, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function play(plan: DayPlan, closers: Closers): Promise<PlayedDay> {
  const { outage } = plan;
  if (outage !== null && (outage.fromMs % LOOK_EVERY_MS || outage.untilMs % LOOK_EVERY_MS) !== 0) {
    throw new RangeError("an outage begins and ends on whole quarters of an hour");
  }
  const activity = new Activity();
  const unwatch = activity.watchRequests();
  closers.add(async () => unwatch());
  const clock = new DayClock(plan.fromMs, activity);
  const configured = loadConfig({ ...MOCKS, ...plan.environment });
  const { nowMs, elapsedMs } = clock;
  const mocks = await mockedVariables(configured, { symbols: plan.symbols, nowMs, elapsedMs });
  closers.add(() => mocks.close());
  const system = await openSystem({
    ...{ variables: mocks.variables, clock, scoring: configuredScoring(configured) },
    ...{ configuredUniverse: plan.symbols.length, dataDirectory: plan.dataDirectory },
    showAlert: () => undefined,
  });
  closers.add(() => system.stop());
  const log = activity.counted(system.log);
  const sources = await openSources(plan, { clock, mocks, log, system, closers });
  for (const { task, asker } of sources) {
    const questions = await task.questions(clock.nowMs());
    await clock.passUntil(asker.sweep(questions, never));
  }
  const ended = new AbortController();
  const going = [
    passTime(plan, { clock, log, variables: mocks.variables, signal: ended.signal }),
    ...sources.map((each) => repeatTask(clock, each, ended.signal)),
    ...workOnJobs(plan, { clock, configured, mocks, log, system, signal: ended.signal }),
  ];
  const failed = Promise.race(going).then(() => {
    if (!ended.signal.aborted) throw new Error("a part of the day ended before its end");
  });
  closers.add(async () => {
    ended.abort();
    await Promise.allSettled(going);
  });
  const health: HeardHealth[] = [];
  await Promise.race([failed, passDay(plan, { clock, system, mocks, health })]);
  ended.abort();
  await Promise.all(going);
  await settle(system);
  return { system, mocks, health, close: () => closers.close() };
}

interface Playing {
  readonly clock: DayClock;
  readonly system: System;
  readonly log: Log;
  readonly mocks: MockedVariables;
}

async function passDay(
  { fromMs, toMs, outage, parts, onTime }: DayPlan,
  { clock, system, mocks, health }: Omit<Playing, "log"> & { readonly health: HeardHealth[] },
): Promise<void> {
  for (let atMs = fromMs; atMs <= toMs; atMs += LOOK_EVERY_MS) {
    await clock.passTo(atMs);
    if (outage !== null) {
      mocks.servers.get(outage.provider)?.failWith(failingNow(outage, atMs));
    }
    // What the jobs of the next quarter of an hour go by has been derived by then.
    await settle(system, atMs % HOUR_MS === 0 || atMs === toMs);
    if (atMs % HOUR_MS === 0 || atMs === toMs) {
      health.push(parts.health(await hearHealth(system.address, atMs)));
    }
    onTime(atMs);
  }
}

async function openSources(
  { symbols }: DayPlan,
  { clock, mocks, log, system, closers }: Playing & { readonly closers: Closers },
): Promise<readonly AskedTask[]> {
  // Its options are collected by their job.
  const variables: Variables = { ...mocks.variables, ALPHA_VANTAGE_API_KEY: undefined };
  const companies = symbols.map((symbol) => ({ symbol, name: null }));
  const known = new KnownBars();
  const { tasks } = await openLiveSources({
    ...{ universe: { companies, symbols, isWholeMarket: false }, variables, log, clock, known },
    ...{ mocked: mocks.servers, metrics: system.telemetry.metrics.providerCalls, closers },
  });
  return askedTasks({ log, known, teller: SILENT }, tasks);
}

interface Working {
  readonly clock: DayClock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

async function passTime(
  { symbols }: DayPlan,
  { clock, log, variables, signal }: Working & { readonly variables: Variables },
): Promise<void> {
  const budgets = sweepBudgets({ variables, symbols: symbols.length, prices: "polygon" });
  const schedule = {
    tickMs: variables.SCHEDULER_TICK_MS,
    slotMinutes: variables.DISCOVERY_FREQUENCY_MINUTES,
  };
  const observer = { opened: () => undefined, published: () => undefined };
  const waitMs = tickWaitMs(variables, budgets);
  await runClock({ log, schedule, waitMs, clock, observer }, signal);
}

/** As `run short-interest` and `run projector` do, each of whose units is taken here. */
function workOnJobs(
  { parts }: DayPlan,
  options: Working & Omit<Playing, "log"> & { readonly configured: Variables },
): readonly Promise<unknown>[] {
  const { clock, configured, mocks, system, signal } = options;
  const { telemetry, database } = system;
  const logger = createLogger(configured.LOG_LEVEL);
  const { metrics } = telemetry;
  return parts.workers.flatMap((logOf) => {
    const log = logOf(options.log);
    const context = { variables: configured, log, logger, clock, metrics, telemetry, mocks };
    const work = shortInterestWork(context, new UnitTries());
    const tables = async (): Promise<void> => {
      const worker = await openProjectorJobs(context, database.projector);
      await worker.run(signal);
    };
    return [...SHORT_INTEREST_UNITS.map((unit) => work(unit, signal)), tables()];
  });
}

/** Resolves when the stages have taken everything, and with `isProjected` the tables as well. */
async function settle({ processor, projector, ended }: System, isProjected = true): Promise<void> {
  // A stage may write for another that was looked at before it.
  for (let calm = 0; calm < 2; ) {
    const isIdle = (await processor.lag()) === 0 && (!isProjected || (await projector.caughtUp()));
    calm = isIdle ? calm + 1 : 0;
    if (!isIdle) await Promise.race([setTimeout(POLL_MS), ended]);
  }
}
