import type { Collected, Refused } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import type { AskedParameters } from "@amc/platform/http/heard-answer";
import type { Captured, ProviderAsker } from "@amc/platform/http/provider-client";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { providerWeight } from "@amc/streams/market/provider-weights";
import { unreadable } from "./answer.ts";
import { type BarRange, barPageFacts, readBarPage } from "./bars.ts";
import { marketDayFacts, readMarketDay } from "./market-day.ts";
import { readSnapshot, snapshotFacts } from "./snapshot.ts";

export interface PolygonOptions {
  readonly client: ProviderAsker;
  /** `POLYGON_BASE_URL`. */
  readonly baseUrl: string;
  /** `POLYGON_API_KEY`; sent as a header, never in an address. */
  readonly apiKey: string;
}

export const POLYGON_SOURCE = "polygon";
export const POLYGON_BARS = "v2/aggs/ticker";
export const POLYGON_MARKET_DAY = "v2/aggs/grouped";
export const POLYGON_SNAPSHOT = "v2/snapshot/tickers";
/** Polygon's largest page: 52 days of a symbol that trades in every minute from 04:00 to 20:00. */
const PAGE_ROWS = 50_000;
/** Ten years of such minutes are 49 pages; more than this is an answer that does not end. */
const PAGES_MAX = 60;
/** A market has some 11,000 tickers of about 0.7 kB each; a page of minutes is 6 MB. */
const BODY_BYTES_MAX = 20_000_000;

interface PolygonQuestion {
  readonly endpoint: string;
  readonly url: URL;
  readonly about: AskedParameters;
}

/** Polygon's stocks. All methods throw ProviderError. */
export class Polygon {
  readonly #options: PolygonOptions;

  constructor(options: PolygonOptions) {
    this.#options = options;
  }

  /** `barPages` as one answer, all pages or none: for a range that may be in memory as a whole. */
  async bars(range: BarRange, signal?: AbortSignal): Promise<Collected> {
    const facts: Fact[] = [];
    const refused: Refused[] = [];
    for await (const page of this.barPages(range, signal)) {
      // Spread out, the arguments of one call would be a page of 50,000.
      for (const fact of page.facts) facts.push(fact);
      for (const each of page.refused) refused.push(each);
    }
    return { facts, refused };
  }

  /**
   * Minute or day bars of one symbol, as traded, a page at a time, so that ten years of minutes take
   * the memory of one page. What came before a page that fails is good.
   */
  async *barPages(range: BarRange, signal?: AbortSignal): AsyncGenerator<Collected> {
    const { symbol, intervalMs, from, to } = range;
    const unit = intervalMs === DAY_MS ? "day" : "minute";
    const path = `/v2/aggs/ticker/${encodeURIComponent(symbol)}/range/1/${unit}/${from}/${to}`;
    const parameters = { adjusted: "false", sort: "asc", limit: String(PAGE_ROWS) };
    let url = this.#url(path, parameters);
    let lastStartMs = Number.NEGATIVE_INFINITY;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const after = lastStartMs;
      const read = (http: HttpAnswer, captured: Captured) => {
        const { rows, next } = readBarPage(http, symbol);
        const collected = barPageFacts(rows, range, after, this.#provenance(captured));
        return { ...collected, next: next === null ? null : this.#nextUrl(next) };
      };
      const about = { symbol, unit, from, to, page: String(pages + 1) };
      const page = await this.#ask({ endpoint: POLYGON_BARS, url, about }, read, signal);
      yield { facts: page.facts, refused: page.refused };
      if (page.next === null) return;
      url = page.next;
      lastStartMs = page.lastStartMs;
    }
    throw unreadable(`it has more than ${PAGES_MAX} pages`);
  }

  /** The daily bars of every stock on one date, `yyyy-mm-dd`, in one call; none before it is over. */
  async marketDay(date: string, signal?: AbortSignal): Promise<Collected> {
    const path = `/v2/aggs/grouped/locale/us/market/stocks/${date}`;
    const url = this.#url(path, { adjusted: "false", include_otc: "false" });
    const read = (http: HttpAnswer, captured: Captured) =>
      marketDayFacts(readMarketDay(http), date, this.#provenance(captured));
    return await this.#ask({ endpoint: POLYGON_MARKET_DAY, url, about: { date } }, read, signal);
  }

  /** Newest whole minute and quote of some symbols, or with null of the whole market, in one call. */
  async snapshot(symbols: readonly string[] | null, signal?: AbortSignal): Promise<Collected> {
    const url = this.#url("/v2/snapshot/locale/us/markets/stocks/tickers", {
      include_otc: "false",
      ...(symbols === null ? {} : { tickers: symbols.join(",") }),
    });
    const asked = symbols === null ? null : new Set(symbols);
    const read = (http: HttpAnswer, captured: Captured) =>
      snapshotFacts(readSnapshot(http), asked, this.#provenance(captured));
    const about: AskedParameters = symbols === null ? {} : { symbols: symbols.join(",") };
    return await this.#ask({ endpoint: POLYGON_SNAPSHOT, url, about }, read, signal);
  }

  async #ask<Answer>(
    { endpoint, url, about }: PolygonQuestion,
    read: (http: HttpAnswer, captured: Captured) => Answer,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { client, apiKey } = this.#options;
    const { answer } = await client.ask({
      endpoint,
      request: {
        url,
        headers: { authorization: `Bearer ${apiKey}` },
        accept: ["application/json"],
      },
      ...{ read, parameters: about },
      maxBodyBytes: BODY_BYTES_MAX,
      ...(signal === undefined ? {} : { signal }),
    });
    return answer;
  }

  #url(path: string, parameters: Readonly<Record<string, string>>): URL {
    const url = new URL(`${this.#options.baseUrl}${path}`);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }

  /** The key goes where the operator said, and nowhere else that an answer may name. */
  #nextUrl(text: string): URL {
    const base = new URL(this.#options.baseUrl);
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.origin === base.origin) return url;
    throw unreadable("next_url leads away from POLYGON_BASE_URL");
  }

  #provenance(captured: Captured): CapturedProvenance {
    const { simulated, staleness } = this.#options.client;
    const confidence = providerWeight(POLYGON_SOURCE, "market.price-tick.v1");
    return { source: POLYGON_SOURCE, confidence, simulated, staleness, captured };
  }
}
