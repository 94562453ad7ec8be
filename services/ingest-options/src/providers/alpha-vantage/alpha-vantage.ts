import type { Collected } from "@amc/platform/http/collected";
import type { ProviderAsker, Received } from "@amc/platform/http/provider-client";
import { providerWeight } from "@amc/streams/market/provider-weights";
import { readChain } from "./chain.ts";
import { type ChainTerms, chainFacts } from "./chain-facts.ts";
import { type AlphaVantageNews, readNews } from "./news.ts";

export interface AlphaVantageOptions {
  readonly client: ProviderAsker;
  /** `ALPHA_VANTAGE_BASE_URL`. */
  readonly baseUrl: string;
  /** `ALPHA_VANTAGE_API_KEY`; Alpha Vantage takes it as a parameter only. */
  readonly apiKey: string;
}

export const ALPHA_VANTAGE_SOURCE = "alpha-vantage";
export const ALPHA_VANTAGE_OPTIONS = "HISTORICAL_OPTIONS";
export const ALPHA_VANTAGE_NEWS = "NEWS_SENTIMENT";
/** Ten thousand contracts of about 0.5 kB, as an index fund has, are larger than other answers may be. */
const BODY_BYTES_MAX = 20_000_000;

/** Alpha Vantage. All methods throw ProviderError. */
export class AlphaVantage {
  readonly #options: AlphaVantageOptions;

  constructor(options: AlphaVantageOptions) {
    this.#options = options;
  }

  /** Whether a mock answers in its name. */
  get simulated(): boolean {
    return this.#options.client.simulated;
  }

  /** The options of a symbol at the end of a trading day: one snapshot, or why there is none. */
  async optionsAtClose(terms: ChainTerms, signal?: AbortSignal): Promise<Collected> {
    const { client } = this.#options;
    const { symbol, date } = terms;
    const url = this.#address({ function: ALPHA_VANTAGE_OPTIONS, date, symbol: listed(symbol) });
    const { answer } = await client.ask({
      // Not the address, whose query has the key.
      endpoint: ALPHA_VANTAGE_OPTIONS,
      parameters: { symbol, date, underlyingClose: String(terms.underlyingClose ?? "") },
      request: { url, accept: ["application/json"] },
      read: (http, captured) => {
        const { simulated, staleness } = client;
        const confidence = providerWeight(ALPHA_VANTAGE_SOURCE, "market.options.v1");
        const provenance = {
          source: ALPHA_VANTAGE_SOURCE,
          confidence,
          simulated,
          staleness,
          captured,
        };
        return chainFacts(readChain(http, symbol, date), terms, provenance);
      },
      maxBodyBytes: BODY_BYTES_MAX,
      ...(signal === undefined ? {} : { signal }),
    });
    return answer;
  }

  /** The newest stories about a symbol, at most fifty. Companies `watched` are kept with the answer. */
  async news(
    symbol: string,
    signal?: AbortSignal,
    watched?: string,
  ): Promise<Received<AlphaVantageNews>> {
    const asked = { tickers: listed(symbol), sort: "LATEST", limit: "50" };
    const url = this.#address({ function: ALPHA_VANTAGE_NEWS, ...asked });
    return await this.#options.client.ask({
      endpoint: ALPHA_VANTAGE_NEWS,
      parameters: watched === undefined ? { symbol } : { symbol, watched },
      request: { url, accept: ["application/json"] },
      read: (http, { at }) => readNews(http, at),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #address(parameters: Readonly<Record<string, string>>): URL {
    const { baseUrl, apiKey } = this.#options;
    const url = new URL(baseUrl);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    url.searchParams.set("apikey", apiKey);
    return url;
  }
}

/** Share classes as its list of symbols writes them: BRK-B. */
function listed(symbol: string): string {
  return symbol.replace(".", "-");
}
