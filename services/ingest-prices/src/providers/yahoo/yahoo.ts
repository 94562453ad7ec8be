import type { Cache } from "@amc/platform/cache/port";
import type { Clock } from "@amc/platform/clock";
import type { Collected } from "@amc/platform/http/collected";
import type { HttpRequest } from "@amc/platform/http/exchange";
import { type Answered, freshOrCached } from "@amc/platform/http/fallback";
import type { ProviderAsker, Received } from "@amc/platform/http/provider-client";
import { isProviderError, ProviderError } from "@amc/platform/http/provider-error";
import type { FactTopic } from "@amc/schemas/topics";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { providerWeight } from "@amc/streams/market/provider-weights";
import type { ScheduleInForce } from "@amc/streams/short-interest/schedule-in-force";
import { readChart } from "./chart.ts";
import { chartFacts } from "./chart-facts.ts";
import { KEY_STATISTICS, type KeyStatistics, readKeyStatistics } from "./key-statistics.ts";
import { keyStatisticsFacts, MISSING_FIELD } from "./key-statistics-facts.ts";
import { readOptionChain } from "./option-chain.ts";
import { nearestExpiry, optionFacts } from "./option-facts.ts";
import { readSearch, type YahooSearch } from "./search.ts";
import { type YahooPass, YahooSession } from "./session.ts";

export interface YahooOptions {
  readonly client: ProviderAsker;
  /** `YAHOO_FINANCE_BASE_URL`. */
  readonly baseUrl: string;
  /** `YAHOO_FINANCE_COOKIE_URL`; without it nobody asks again whom Yahoo has refused. */
  readonly cookieUrl?: string;
  readonly clock: Clock;
  /** Where answers of before are kept; null with `YAHOO_FINANCE_USE_CACHE=false`. */
  readonly cache: Cache | null;
  /** FINRA's schedule as people have decided it; the calendar's when left out. */
  readonly schedule?: () => Promise<ScheduleInForce>;
}

/** What is known of a symbol's short interest and shares, and from where. */
export interface KnownStatistics extends Collected {
  readonly from: "provider" | "cache" | "nowhere";
  /** Why the provider gave nothing; null when it did. */
  readonly failure: ProviderError | null;
}

export const CHART_INTERVALS = ["1m", "2m", "5m", "15m", "30m", "1h", "1d"] as const;
export type ChartInterval = (typeof CHART_INTERVALS)[number];

const JSON_ONLY = ["application/json"];
export const YAHOO_SOURCE = "yahoo";
export const YAHOO_CHART = "v8/finance/chart";
export const YAHOO_STATISTICS = "v10/finance/quoteSummary";
export const YAHOO_OPTIONS = "v7/finance/options";
export const YAHOO_SEARCH = "v1/finance/search";
/** What Yahoo said before, where it stands in. */
export const CACHE_SOURCE = "cache";
/** Of one search; asked every few minutes, more would be old. */
const STORIES = 10;
/** Short interest of before may stand in this long (R-ING-17). */
const CACHE_WINDOW_MS = 72 * 3_600_000;

/** Yahoo Finance. All methods throw ProviderError. */
export class Yahoo {
  readonly #options: YahooOptions;
  readonly #session: YahooSession | null;

  constructor(options: YahooOptions) {
    const { client, baseUrl, cookieUrl } = options;
    this.#options = options;
    this.#session =
      cookieUrl === undefined ? null : new YahooSession({ client, baseUrl, cookieUrl });
  }

  /** Whether a mock answers in its name. */
  get simulated(): boolean {
    return this.#options.client.simulated;
  }

  /** Bars and splits from an instant on up to now: the range has to reach to now (`chartFacts`). */
  async chart(
    symbol: string,
    interval: ChartInterval,
    fromMs: number,
    signal?: AbortSignal,
  ): Promise<Collected> {
    const { client, clock } = this.#options;
    const url = this.#url(`/v8/finance/chart/${yahooSymbol(symbol)}`, {
      interval,
      period1: String(Math.floor(fromMs / 1000)),
      period2: String(Math.ceil(clock.nowMs() / 1000)),
      includePrePost: "true",
      events: "split",
    });
    const { answer } = await client.ask({
      endpoint: YAHOO_CHART,
      request: { url, accept: ["application/json"] },
      parameters: { symbol, interval, fromMs: String(fromMs) },
      read: (http, captured) =>
        chartFacts(
          readChart(http, symbol),
          this.#provenance(YAHOO_SOURCE, "market.price-tick.v1", captured),
        ),
      ...(signal === undefined ? {} : { signal }),
    });
    return answer;
  }

  /**
   * Short interest, float and shares outstanding: from Yahoo, else from what it said within 72 hours
   * (source `cache`, confidence 0.7), else nothing with the reason.
   */
  async keyStatistics(symbol: string, signal?: AbortSignal): Promise<KnownStatistics> {
    return await this.#known(symbol, () => this.#askKeyStatistics(symbol, signal));
  }

  /** The same without asking, for who knows from `failure` that Yahoo would not be asked. */
  async keyStatisticsOfBefore(symbol: string, failure: ProviderError): Promise<KnownStatistics> {
    return await this.#known(symbol, () => Promise.reject(failure));
  }

  async #known(
    symbol: string,
    ask: () => Promise<Received<KeyStatistics>>,
  ): Promise<KnownStatistics> {
    const answered = await this.#freshOrCached(symbol, ask);
    const schedule = await this.#options.schedule?.();
    switch (answered.kind) {
      case "none":
        return { from: "nowhere", failure: answered.failure, facts: [], refused: [] };
      case "fresh": {
        const provenance = this.#provenance(YAHOO_SOURCE, "short.interest.v1", answered.captured);
        const collected = keyStatisticsFacts(symbol, answered.answer, provenance, schedule);
        return { from: "provider", failure: null, ...collected };
      }
      case "cached": {
        // Captured when it came; no call was made for it now.
        const captured = { at: answered.receivedAt, latencyMs: null };
        const provenance = this.#provenance(CACHE_SOURCE, "short.interest.v1", captured);
        const collected = keyStatisticsFacts(symbol, answered.answer, provenance, schedule);
        return { from: "cache", failure: answered.failure, ...collected };
      }
    }
  }

  /**
   * Options of the nearest expiry as they are quoted now or, after the session, as they were at its
   * close: one snapshot, or why there is none. Two questions where the first expiry listed is today's.
   */
  async options(symbol: string, signal?: AbortSignal): Promise<Collected> {
    const { chain, collected } = await this.#askOptions(symbol, null, signal);
    const expiry = nearestExpiry(chain);
    if (expiry === null || expiry === chain.expiry) return collected;
    return (await this.#askOptions(symbol, expiry, signal)).collected;
  }

  async #askOptions(symbol: string, expiry: string | null, signal: AbortSignal | undefined) {
    const date = expiry === null ? {} : { date: String(Date.parse(expiry) / 1000) };
    const url = this.#url(`/v7/finance/options/${yahooSymbol(symbol)}`, date);
    const { answer } = await this.#asKnown(url, signal, (request) =>
      this.#options.client.ask({
        ...{ endpoint: YAHOO_OPTIONS, request },
        parameters: expiry === null ? { symbol } : { symbol, expiry },
        read: (http, captured) => {
          const chain = readOptionChain(http, symbol);
          const provenance = this.#provenance(YAHOO_SOURCE, "market.options.v1", captured);
          return { chain, collected: optionFacts(chain, provenance) };
        },
        ...(signal === undefined ? {} : { signal }),
      }),
    );
    return answer;
  }

  /**
   * The newest stories that Yahoo lists for a symbol; it takes no cookie for that. `watched` is kept with the
   * answer: whose news are made of it.
   */
  async search(
    symbol: string,
    signal?: AbortSignal,
    watched?: string,
  ): Promise<Received<YahooSearch>> {
    const parameters = {
      newsCount: String(STORIES),
      quotesCount: "0",
      lang: "en-US",
      region: "US",
    };
    const url = this.#url("/v1/finance/search", { q: symbol.replace(".", "-"), ...parameters });
    return await this.#options.client.ask({
      ...{ endpoint: YAHOO_SEARCH, request: { url, accept: JSON_ONLY }, isAside: true },
      parameters: watched === undefined ? { symbol } : { symbol, watched },
      read: (http, { at }) => readSearch(http, at),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #askKeyStatistics(
    symbol: string,
    signal: AbortSignal | undefined,
  ): Promise<Received<KeyStatistics>> {
    const path = `/v10/finance/quoteSummary/${yahooSymbol(symbol)}`;
    const url = this.#url(path, { modules: "defaultKeyStatistics", formatted: "false" });
    return await this.#asKnown(url, signal, (request) =>
      this.#options.client.ask({
        ...{ endpoint: YAHOO_STATISTICS, request, parameters: { symbol } },
        read: (http, captured) => {
          const statistics = readKeyStatistics(http);
          const provenance = this.#provenance(YAHOO_SOURCE, "short.interest.v1", captured);
          refuseAbsurd(keyStatisticsFacts(symbol, statistics, provenance));
          return statistics;
        },
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  }

  async #freshOrCached(
    symbol: string,
    ask: () => Promise<Received<KeyStatistics>>,
  ): Promise<Answered<KeyStatistics>> {
    const { client, clock, cache } = this.#options;
    if (cache === null) return { kind: "fresh", ...(await ask()) };
    const parse = (json: unknown) => KEY_STATISTICS.safeParse(json).data ?? null;
    // What a mock says is never told as Yahoo's.
    const who = client.simulated ? "yahoo-mock" : "yahoo";
    const key = `amc:provider:${who}:key-statistics:${symbol}`;
    return freshOrCached(ask, { cache, key, windowMs: CACHE_WINDOW_MS, parse }, clock);
  }

  /**
   * Asks with a pass from the first question on: asked without one Yahoo refuses, and that counts against
   * it. Once more with a new pass where Yahoo does not take the one there is any longer.
   */
  async #asKnown<Answer>(
    url: URL,
    signal: AbortSignal | undefined,
    ask: (request: HttpRequest) => Promise<Answer>,
  ): Promise<Answer> {
    const session = this.#session;
    if (session === null) return await ask({ url, accept: JSON_ONLY });
    const pass = await session.pass(signal);
    try {
      return await ask(passed(url, pass));
    } catch (error) {
      if (!isProviderError(error, "provider.refused")) throw error;
      session.forget();
      return await ask(passed(url, await session.pass(signal)));
    }
  }

  #url(path: string, parameters: Readonly<Record<string, string>>): URL {
    const url = new URL(`${this.#options.baseUrl}${path}`);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }

  #provenance(
    source: string,
    topic: FactTopic,
    captured: CapturedProvenance["captured"],
  ): CapturedProvenance {
    const { simulated, staleness } = this.#options.client;
    return { source, confidence: providerWeight(source, topic), simulated, staleness, captured };
  }
}

/**
 * Throws `provider.unreadable` for an answer all of which is refused as absurd, so that what Yahoo said
 * before may stand in. What it merely does not know (a fund has no short interest) is no fault.
 */
function refuseAbsurd({ facts, refused }: Collected): void {
  const absurd = refused.find(({ code }) => code !== MISSING_FIELD);
  if (facts.length > 0 || absurd === undefined) return;
  const message = `nothing of the answer holds: ${absurd.code}, ${absurd.message}`;
  throw new ProviderError("provider.unreadable", message, { code: absurd.code });
}

function passed(url: URL, pass: YahooPass): HttpRequest {
  const known = new URL(url);
  known.searchParams.set("crumb", pass.crumb);
  return { url: known, accept: JSON_ONLY, headers: { cookie: pass.cookie } };
}

/** Share classes as Yahoo writes them: BRK-B. */
function yahooSymbol(symbol: string): string {
  return encodeURIComponent(symbol.replace(".", "-"));
}
