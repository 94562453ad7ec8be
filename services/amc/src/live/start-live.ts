import {
  MOCKED_PROVIDERS,
  mockedProviders,
  mockedVariables,
} from "@amc/mock-providers/mocked-variables";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { WAITING_CLOCK, type WaitingClock } from "@amc/platform/http/waiting-clock";
import { isoUtc } from "@amc/streams/market/event-time";
import { Closers } from "../closers.ts";
import type { CommandWords, OptionSpec } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { channelsText } from "../operations/sms-channel.ts";
import { alertJson, alertText } from "../output/lines.ts";
import { Printer } from "../output/printer.ts";
import { roleProblems } from "../role-problems.ts";
import { scoringOf } from "../scoring-options.ts";
import { isStop, stopSignal } from "../stop-signal.ts";
import { openSystem } from "../system.ts";
import { Told, tellUntil } from "../told.ts";
import { describeSources } from "./describe-sources.ts";
import { KnownBars } from "./known-bars.ts";
import { clockFrom } from "./live-clock.ts";
import { openLiveSources, pricesFrom, refuseWithoutPrices } from "./live-sources.ts";
import { sourceTeller, tellBudgets, tellSources } from "./live-words.ts";
import { runLive } from "./run-live.ts";
import { sweepBudgets } from "./sweep-budget.ts";
import { type LiveUniverse, readUniverse } from "./universe.ts";

/** Options of `start` that are about the present. */
export const LIVE_OPTIONS = {
  live: {
    type: "string",
    value: "<symbols>",
    doc: "asks the real providers about these, such as GME=GameStop,AMC; `market` is all of it, with POLYGON_API_KEY",
  },
  universe: { type: "string", value: "<file>", doc: "the same, a symbol per line of a file" },
  at: {
    type: "string",
    value: "<instant>",
    doc: "with mocks of all providers: the instant at which their made-up present begins, such as 2025-09-05T14:00Z",
  },
} as const satisfies Record<string, OptionSpec>;

/** Everything in one process tree, fed by the providers until it is asked to end. */
export async function startLive(words: CommandWords): Promise<number> {
  for (const option of ["recording", "data"]) {
    if (words.text(option) === undefined) continue;
    throw new CommandError(EXIT.usage, `--live asks providers: without --${option}`);
  }
  if (words.flag("exit-when-done")) {
    throw new CommandError(
      EXIT.usage,
      "the present has no end: --live goes without --exit-when-done",
    );
  }
  const universe = await readUniverse(words);
  const configured = loadProcessConfig("system", roleProblems("system"));
  const clock = clockOf(words, configured);
  const printer = new Printer(words.flag("json"));
  const stop = stopSignal();
  const closers = new Closers();
  try {
    const { nowMs, elapsedMs } = clock;
    const mocks = await mockedVariables(configured, {
      symbols: universe.symbols,
      nowMs,
      elapsedMs,
    });
    closers.add(() => mocks.close());
    refuseWithoutPrices(mocks.variables, universe);
    await serve(words, {
      universe,
      variables: mocks.variables,
      mocks,
      clock,
      printer,
      stop,
      closers,
    });
  } catch (error) {
    if (!isStop(error, stop)) throw error;
  } finally {
    printer.done();
    await closers.close();
  }
  return EXIT.ok;
}

interface Serving {
  readonly universe: LiveUniverse;
  readonly variables: Variables;
  readonly mocks: Pick<Awaited<ReturnType<typeof mockedVariables>>, "servers">;
  readonly clock: WaitingClock;
  readonly printer: Printer;
  readonly stop: AbortSignal;
  readonly closers: Closers;
}

async function serve(words: CommandWords, serving: Serving): Promise<void> {
  const { universe, mocks, clock, printer, stop, closers } = serving;
  const port = words.count("port", 0, 65_535) ?? serving.variables.PORT;
  const dataDirectory = words.text("data-dir") ?? serving.variables.AMC_DATA_DIR;
  const variables = { ...serving.variables, PORT: port };
  const system = await openSystem({
    ...{ variables, clock, signal: stop },
    scoring: scoringOf(words, variables),
    configuredUniverse: universe.isWholeMarket ? null : universe.symbols.length,
    dataDirectory,
    showAlert: (id, alert) => printer.line(alertJson(id, alert), alertText(alert)),
  });
  closers.add(() => system.stop());
  const { address, database, log } = system;
  const prices = pricesFrom(variables);
  printer.note(`${database.description}; page and API at ${address}`);
  printer.note(channelsText(system.sms));
  printer.line({ type: "serving", address, database: database.description }, null);
  tellSources(printer, describeSources(variables, mocks.servers, universe));
  const budgets = sweepBudgets({ variables, symbols: universe.symbols.length, prices });
  tellBudgets(printer, budgets);
  const isMadeUp = prices !== null && mocks.servers.has(prices);
  const known = await KnownBars.of(log, clock.nowMs(), isMadeUp);
  const sources = await openLiveSources({
    ...{ universe, variables, mocked: mocks.servers, log, clock, known, closers },
    metrics: system.telemetry.metrics.providerCalls,
  });
  const told = await Told.open(system, printer);
  const teller = sourceTeller(printer);
  const running = new AbortController();
  const ending = AbortSignal.any([stop, running.signal]);
  const live = runLive(
    { system, variables, clock, sources, known, teller, budgets, printer },
    ending,
  );
  closers.add(async () => {
    running.abort();
    await Promise.allSettled([live]);
  });
  await Promise.race([live, tellUntil(system, told, stop)]);
}

/** A made-up present is for made-up providers: real answers would be stamped with an instant that is not. */
function clockOf(words: CommandWords, variables: Variables): WaitingClock {
  const at = words.text("at");
  if (at === undefined) return WAITING_CLOCK;
  const unasked: ReadonlySet<string> = new Set([
    ...(variables.POLYGON_API_KEY === undefined ? ["polygon"] : []),
    ...(variables.ALPHA_VANTAGE_API_KEY === undefined ? ["alpha_vantage"] : []),
  ]);
  const mocked = mockedProviders(variables);
  const real = MOCKED_PROVIDERS.filter(
    (provider) => !mocked.has(provider) && !unasked.has(provider),
  );
  if (real.length > 0) {
    const message = `--at needs mocks of all that is asked (TEST_MODE=true): ${real.join(", ")} has none`;
    throw new CommandError(EXIT.usage, message);
  }
  const startMs = /Z$|[+-]\d\d:\d\d$/.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isNaN(startMs)) return clockFrom(startMs);
  throw new CommandError(
    EXIT.usage,
    `--at takes an instant such as ${isoUtc(Date.UTC(2025, 8, 5, 14))}, was ${at}`,
  );
}
