import { type MockedVariables, mockedVariables } from "@amc/mock-providers/mocked-variables";
import type { Work } from "@amc/platform/assignment/assigned-work";
import type { Unit } from "@amc/platform/assignment/unit";
import { withYahooShare } from "@amc/platform/http/yahoo-share";
import { isLogError } from "@amc/platform/log/errors";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import { Closers } from "../closers.ts";
import { describeSources } from "../live/describe-sources.ts";
import { KnownBars } from "../live/known-bars.ts";
import { openMarketTasks, pricesFrom, refuseWithoutPrices } from "../live/live-sources.ts";
import type { SourceTeller } from "../live/source-asker.ts";
import { type AskedTask, askedTasks, repeatTask, tickWaitMs } from "../live/source-sweeps.ts";
import { type SweepBudget, sweepBudgets } from "../live/sweep-budget.ts";
import { configuredUniverse, type LiveUniverse } from "../live/universe.ts";
import { AssignedService } from "./assigned-service.ts";
import type { Service, ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

const GROUP = "live" satisfies WorkGroupName;

/** What its instances divide among them. */
export const LIVE_UNITS: readonly Unit[] = [{ group: GROUP, partition: 0 }];

/** What FINRA and Alpha Vantage are asked for, and Yahoo's options, are jobs of `run short-interest`. */
const MARKET_SOURCES: ReadonlySet<string> = new Set(["yahoo", "polygon", "rss"]);

/** What the work on them needs. */
export type LiveContext = Pick<
  ServiceContext,
  "variables" | "log" | "logger" | "clock" | "metrics" | "mocks"
>;

/**
 * Asks the providers for prices, statistics and headlines of what `LIVE_UNIVERSE` names: one instance does, the
 * others stand by and take over. Time is the scheduler's.
 */
export async function openLive(context: ServiceContext): Promise<Service> {
  const universe = configuredUniverse(context.variables.LIVE_UNIVERSE ?? "");
  const tries = new UnitTries();
  return new AssignedService({
    ...{ context, work: liveWork(context, universe, tries), units: LIVE_UNITS },
    problems: async () => tries.problems(),
  });
}

/** The work on it, wherever the log is. */
export function liveWork(context: LiveContext, universe: LiveUniverse, tries: UnitTries): Work {
  const { logger, metrics } = context;
  return async (unit, signal) => {
    const collectAndClose = async (opened: () => void): Promise<void> => {
      const closers = new Closers();
      try {
        await collect(context, universe, { closers, opened }, signal);
      } finally {
        await closers.close();
      }
    };
    try {
      await tries.run(unit, signal, collectAndClose, ({ error, code }, retryInMs) => {
        metrics.failed(GROUP, code, true);
        logger.error({ err: error, retryInMs }, "the collection waits for the log");
      });
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    }
  };
}

/** History first, then what is new as it comes, until `signal` aborts. */
async function collect(
  context: LiveContext,
  universe: LiveUniverse,
  { closers, opened }: { readonly closers: Closers; readonly opened: () => void },
  signal: AbortSignal,
): Promise<void> {
  const { log, logger, clock, metrics } = context;
  const { variables: all, servers } = await answering(context, universe, closers);
  const variables = withYahooShare(all, "market");
  refuseWithoutPrices(variables, universe);
  const prices = pricesFrom(variables);
  tellStart(context, {
    sources: describeSources(variables, servers, universe),
    budgets: sweepBudgets({ variables, symbols: universe.symbols.length, prices }),
  });
  const lease = await log.acquire(GROUP, 0, signal);
  const isMadeUp = prices !== null && servers.has(prices);
  const known = await KnownBars.of(log, clock.nowMs(), isMadeUp);
  const tasks = await openMarketTasks({
    ...{ universe, variables, mocked: servers, log, clock, known, closers },
    metrics: metrics.providerCalls,
  });
  const asked = askedTasks({ log, lease, known, teller: loggedTeller(logger) }, tasks);
  opened();
  for (const each of asked) await warmUp(context, each, signal);
  if (!signal.aborted) logger.info({ symbols: universe.symbols.length }, "asked live from here on");
  await repeatAll(context, asked, signal);
}

/** The providers as configured: where mocks are switched on, they start and answer in their place. */
async function answering(
  { variables, mocks, clock }: LiveContext,
  { symbols }: LiveUniverse,
  closers: Closers,
): Promise<Pick<MockedVariables, "variables" | "servers">> {
  if (mocks !== undefined) return mocks;
  const { nowMs, elapsedMs } = clock;
  const started = await mockedVariables(variables, { symbols, nowMs, elapsedMs });
  closers.add(() => started.close());
  return started;
}

interface StartLines {
  readonly sources: ReturnType<typeof describeSources>;
  readonly budgets: readonly SweepBudget[];
}

function tellStart(
  { logger, variables: { SCHEDULER_WAIT_MS } }: LiveContext,
  { sources, budgets }: StartLines,
): void {
  const asked = sources.filter(({ provider }) => MARKET_SOURCES.has(provider));
  for (const { text, ...source } of asked) logger.info(source, text);
  for (const budget of budgets) {
    if (MARKET_SOURCES.has(budget.provider)) logger.info({ ...budget }, "the budget of a sweep");
  }
  const neededMs = tickWaitMs({ SCHEDULER_WAIT_MS: 0 }, budgets);
  if (SCHEDULER_WAIT_MS >= neededMs) return;
  logger.warn(
    { SCHEDULER_WAIT_MS, neededMs },
    "minutes come later than the ticks wait for them: give the scheduler at least as long",
  );
}

async function warmUp(
  { logger, clock }: LiveContext,
  { task, asker }: AskedTask,
  signal: AbortSignal,
): Promise<void> {
  if (!task.isHistory || signal.aborted) return;
  const swept = await asker.sweep(await task.questions(clock.nowMs()), signal);
  logger.info({ provider: task.provider, what: task.what, ...swept }, "warmed up");
}

/** Until `signal` aborts; what ends one of them ends all. */
async function repeatAll(
  { clock }: LiveContext,
  asked: readonly AskedTask[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const going = asked.map((each) => repeatTask(clock, each, ending));
  try {
    await Promise.all(going);
  } finally {
    failed.abort();
    await Promise.allSettled(going);
  }
}

function loggedTeller(logger: LiveContext["logger"]): SourceTeller {
  return {
    unreachable: (provider, code, message) =>
      logger.warn({ provider, code }, `cannot be reached, is asked again: ${message}`),
    answersAgain: (provider) => logger.info({ provider }, "answers again"),
    unknown: (provider, symbol) =>
      logger.warn(
        { provider, symbol },
        "is not known there: not asked again before the next start",
      ),
  };
}
