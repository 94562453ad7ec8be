import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { REMEMBERED_MS, storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { AlphaVantage } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import { type KnownStatistics, Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { SHORT_INTEREST_PRODUCER } from "@amc/ingest-short-interest/collection/finra-jobs";
import { scheduleInForce } from "@amc/ingest-short-interest/collection/schedule-by-hand";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { openCache } from "@amc/platform/cache/open-cache";
import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import { bytesOf } from "@amc/platform/config/variable-kinds";
import type { Variables } from "@amc/platform/config/variables";
import type { CallObserver } from "@amc/platform/http/observed-journal";
import { type OpenProviderOptions, openProvider } from "@amc/platform/http/open-provider";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import type { ProviderError } from "@amc/platform/http/provider-error";
import type { Provider } from "@amc/platform/http/provider-limits";
import { refuseMixedProviders } from "@amc/platform/http/refuse-mixed";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import type { Closers } from "../closers.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { searchedNews } from "../operations/searched-news.ts";
import { ToldStatistics } from "../operations/told-statistics.ts";
import type { KnownBars } from "./known-bars.ts";
import type { LiveTask } from "./live-task.ts";
import { marketDaysIn } from "./market-days.ts";
import { optionsQuestions } from "./options-questions.ts";
import { type PriceSource, polygonMarket, polygonPrices, yahooPrices } from "./price-sources.ts";
import type { LiveQuestion } from "./source-asker.ts";
import { SWEEP_SECONDS } from "./sweep-budget.ts";
import { type LiveUniverse, NO_PRICES, WHOLE_MARKET_NEEDS } from "./universe.ts";
import { yahooOptionsTask } from "./yahoo-options.ts";

export interface LiveSourcesOptions {
  readonly universe: LiveUniverse;
  /** With the addresses of mocks where these answer. */
  readonly variables: Variables;
  readonly mocked: ReadonlyMap<Provider, unknown>;
  readonly log: Log;
  readonly clock: WaitingClock;
  readonly known: KnownBars;
  /** Counts every call. */
  readonly metrics: CallObserver;
  readonly closers: Closers;
}

export interface LiveSources {
  readonly finra: Finra;
  /** Where FINRA's page of reporting dates is, and who asks for it. */
  readonly schedulePage: { readonly client: ProviderClient; readonly url: string };
  /** Prices first: others need them. */
  readonly tasks: readonly LiveTask[];
}

const PRICES = "/amc/ingest-prices";
const NEWS = "/amc/ingest-news";
const OPTIONS = "/amc/ingest-options";
const HOUR_S = 3_600;

/** Whose prices are taken: Polygon's with a key, Yahoo's unless it is switched off; null for nobody's. */
export function pricesFrom(variables: Variables): PriceSource["provider"] | null {
  if (variables.POLYGON_API_KEY !== undefined) return "polygon";
  return variables.YAHOO_FINANCE_ENABLED ? "yahoo" : null;
}

/** Throws what ends a start: without prices there is nothing to evaluate. */
export function refuseWithoutPrices(
  variables: Variables,
  { isWholeMarket }: Pick<LiveUniverse, "isWholeMarket">,
): void {
  if (pricesFrom(variables) === null) {
    throw new CommandError(EXIT.config, NO_PRICES);
  }
  if (isWholeMarket && variables.POLYGON_API_KEY === undefined) {
    throw new CommandError(EXIT.config, WHOLE_MARKET_NEEDS);
  }
}

/** Opens the providers that the configuration allows, each with one budget for all that is asked of it. */
export async function openLiveSources(options: LiveSourcesOptions): Promise<LiveSources> {
  const { variables, universe } = options;
  refuseMixedProviders(askedProviders(options));
  const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = variables;
  const { FINRA_SCHEDULE_URL: url } = variables;
  const finraUrls = [apiUrl, filesUrl, url];
  const finra = await openClient(options, "finra_short", SHORT_INTEREST_PRODUCER, finraUrls);
  const yahoo = await openYahoo(options);
  const tasks = await marketTasks(options, yahoo);
  const hasOptionsKey = variables.ALPHA_VANTAGE_API_KEY !== undefined;
  if (hasOptionsKey) tasks.push(await alphaVantageTask(options));
  if (yahoo !== null) {
    const asked = { yahoo, symbols: universe.symbols, log: options.log, producer: OPTIONS };
    tasks.push(yahooOptionsTask({ ...asked, isSecond: hasOptionsKey }));
  }
  return {
    finra: new Finra({
      ...{ client: finra, apiUrl, filesUrl },
      memoryBytes: bytesOf(variables.SHORT_INTEREST_MEMORY_LIMIT),
    }),
    schedulePage: { client: await openSchedulePage(options, finra), url },
    tasks,
  };
}

/** FINRA, or its mock, unless the page alone has one: that states no fact, so real ones may be in the log. */
async function openSchedulePage(
  options: LiveSourcesOptions,
  finra: ProviderClient,
): Promise<ProviderClient> {
  const { variables } = options;
  if (!variables.FINRA_SCHEDULE_MOCK || finra.simulated) return finra;
  const page = { simulated: true, states: [] };
  const urls = [variables.FINRA_SCHEDULE_URL];
  return await openClient(options, "finra_short", SHORT_INTEREST_PRODUCER, urls, page);
}

/** Prices, statistics and headlines alone: on a cluster jobs ask for the rest. */
export async function openMarketTasks(options: LiveSourcesOptions): Promise<readonly LiveTask[]> {
  const asked = [...askedProviders(options)].filter(([provider]) => MARKET_PROVIDERS.has(provider));
  refuseMixedProviders(new Map(asked));
  return await marketTasks(options, await openYahoo(options));
}

const MARKET_PROVIDERS: ReadonlySet<Provider> = new Set(["yahoo", "polygon", "rss"]);

async function marketTasks(options: LiveSourcesOptions, yahoo: Yahoo | null): Promise<LiveTask[]> {
  const { symbols } = options.universe;
  const prices = await priceTask(options, yahoo);
  return [
    ...(prices === null ? [] : [prices]),
    ...(yahoo === null ? [] : [statisticsTask(yahoo, options)]),
    ...(symbols.length === 0 ? [] : await newsTasks(options, yahoo)),
  ];
}

/** True for those in whose place a mock answers. */
function askedProviders({
  variables,
  universe,
  mocked,
}: LiveSourcesOptions): ReadonlyMap<Provider, boolean> {
  const hasSymbols = universe.symbols.length > 0;
  const asked: readonly (readonly [Provider, boolean])[] = [
    ["finra_short", true],
    ["yahoo", variables.YAHOO_FINANCE_ENABLED && hasSymbols],
    ["polygon", variables.POLYGON_API_KEY !== undefined],
    ["rss", hasSymbols],
    ["alpha_vantage", variables.ALPHA_VANTAGE_API_KEY !== undefined],
  ];
  return new Map(
    asked.flatMap(([provider, isAsked]) =>
      isAsked ? [[provider, mocked.has(provider)] as const] : [],
    ),
  );
}

/** One client for prices, statistics and options: they share its budget. Null where Yahoo is not to be asked. */
async function openYahoo(options: LiveSourcesOptions): Promise<Yahoo | null> {
  const { variables, universe, clock, log } = options;
  const { YAHOO_FINANCE_BASE_URL: baseUrl, YAHOO_FINANCE_COOKIE_URL: cookieUrl } = variables;
  if (!variables.YAHOO_FINANCE_ENABLED || universe.symbols.length === 0) return null;
  const client = await openClient(options, "yahoo", PRICES, [baseUrl, cookieUrl]);
  const cache = variables.YAHOO_FINANCE_USE_CACHE ? await openStatisticsCache(options) : null;
  const schedule = () => scheduleInForce(log, clock.nowMs());
  return new Yahoo({ client, baseUrl, cookieUrl, clock, cache, schedule });
}

/**
 * What Yahoo said of float and short interest stands in for 72 hours, marked. Where the log has Yahoo's own word
 * that is the better one; a log that is new, or of another machine, has none.
 */
async function openStatisticsCache({ variables, closers }: LiveSourcesOptions) {
  const cache = await openCache(variables, "shortInterest", createLogger(variables.LOG_LEVEL));
  closers.add(() => cache.close());
  return cache;
}

async function priceTask(
  options: LiveSourcesOptions,
  yahoo: Yahoo | null,
): Promise<LiveTask | null> {
  const source = await priceSourceOf(options, yahoo);
  if (source === null) return null;
  let isBegun = false;
  return {
    ...{ provider: source.provider, producer: PRICES, what: "prices", isFirst: true },
    ...{ everySeconds: SWEEP_SECONDS.prices, isHistory: true },
    questions: async (nowMs) => {
      const questions = isBegun ? source.sweep(nowMs) : source.history(nowMs);
      isBegun = true;
      return questions;
    },
  };
}

async function priceSourceOf(
  options: LiveSourcesOptions,
  yahoo: Yahoo | null,
): Promise<PriceSource | null> {
  const { variables, universe, known, log } = options;
  const { POLYGON_API_KEY: apiKey, POLYGON_BASE_URL: baseUrl } = variables;
  if (apiKey !== undefined) {
    const client = await openClient(options, "polygon", PRICES, [baseUrl]);
    const polygon = new Polygon({ client, baseUrl, apiKey });
    if (!universe.isWholeMarket) return polygonPrices(polygon, universe.symbols, known);
    const kind = { provider: "polygon", simulated: client.simulated };
    return polygonMarket(polygon, await marketDaysIn(log, kind));
  }
  return yahoo === null ? null : yahooPrices(yahoo, universe.symbols, known);
}

function statisticsTask(yahoo: Yahoo, { universe, log, variables }: LiveSourcesOptions): LiveTask {
  const questions = (told: ToldStatistics) =>
    universe.symbols.map((about): LiveQuestion => {
      const heard = async (said: KnownStatistics) => ({
        ...said,
        facts: await told.newOf(about, said),
        isNew: true,
      });
      const ask = async (signal?: AbortSignal) => heard(await yahoo.keyStatistics(about, signal));
      if (!variables.YAHOO_FINANCE_USE_CACHE) return { about, ask };
      const standIn = async (failure: ProviderError) =>
        heard(await yahoo.keyStatisticsOfBefore(about, failure));
      return { about, ask, standIn };
    });
  return {
    ...{ provider: "yahoo", producer: PRICES, what: "float and short interest" },
    ...{ everySeconds: SWEEP_SECONDS.statistics, isHistory: true },
    questions: async (nowMs) => questions(new ToldStatistics(log, universe.symbols, nowMs)),
  };
}

/** Feeds and searches; what both have is told once. */
async function newsTasks(options: LiveSourcesOptions, yahoo: Yahoo | null): Promise<LiveTask[]> {
  const { variables, universe, log, clock } = options;
  const { NEWS_FEED_URL: template } = variables;
  const simulated = options.mocked.has("rss");
  // A feed on the internet is checked at each connection; a mock on this machine is named.
  const client = await openClient(options, "rss", NEWS, simulated ? [template] : []);
  const { companies: watched } = universe;
  const linksOf = symbolLinker(watched);
  const known = await storiesInLog(log, clock.nowMs() - REMEMBERED_MS, simulated);
  const ask = (symbol: string) => async (signal?: AbortSignal) => {
    const url = new URL(template.replace("{symbol}", encodeURIComponent(symbol)));
    const { answer, captured } = await fetchFeed(client, url, signal, { watched });
    const read = { simulated, staleness: client.staleness, linksOf, known };
    return feedNews(answer, { ...read, feed: url.host, address: url, captured });
  };
  const questions = universe.symbols.map((symbol) => ({ about: symbol, ask: ask(symbol) }));
  const feeds: LiveTask = {
    ...{ provider: "rss", producer: NEWS, what: "headlines" },
    ...{ everySeconds: SWEEP_SECONDS.news, isHistory: true },
    questions: async () => questions,
  };
  if (yahoo === null) return [feeds];
  const staleness = stalenessLimits(variables);
  const searches = universe.symbols.map((symbol) => ({
    about: symbol,
    ask: (signal?: AbortSignal) =>
      searchedNews(
        yahoo,
        symbol,
        { watched, linksOf, known, simulated: options.mocked.has("yahoo"), staleness },
        signal,
      ),
  }));
  const search: LiveTask = {
    ...{ provider: "yahoo", producer: NEWS, what: "headlines by search" },
    ...{ everySeconds: SWEEP_SECONDS.news, isHistory: true },
    questions: async () => searches,
  };
  return [feeds, search];
}

async function alphaVantageTask(options: LiveSourcesOptions): Promise<LiveTask> {
  const { variables, universe, log } = options;
  const { ALPHA_VANTAGE_BASE_URL: baseUrl, ALPHA_VANTAGE_API_KEY: apiKey = "" } = variables;
  const client = await openClient(options, "alpha_vantage", OPTIONS, [baseUrl]);
  const { simulated } = client;
  const provider = new AlphaVantage({ client, baseUrl, apiKey });
  const callsADay = variables.ALPHA_VANTAGE_DAILY_LIMIT;
  return {
    ...{ provider: "alpha_vantage", producer: OPTIONS, what: "options at the close" },
    // Five a minute: who waited for them would miss the morning.
    ...{ everySeconds: HOUR_S, isHistory: false },
    questions: optionsQuestions({ provider, simulated, log, universe, callsADay }),
  };
}

async function openClient(
  { variables, mocked, log, clock, metrics, closers }: LiveSourcesOptions,
  provider: Provider,
  source: string,
  baseUrls: readonly string[],
  alone: Pick<OpenProviderOptions, "simulated" | "states"> = {},
): Promise<ProviderClient> {
  const simulated = mocked.has(provider);
  const opened = await openProvider({
    ...{ provider, variables, log, clock, source, baseUrls, simulated, metrics },
    ...alone,
  });
  closers.add(() => opened.close());
  return opened.client;
}
