import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { KnownStories } from "@amc/ingest-news/stories/known-stories";
import { AlphaVantage } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import type { MockMarket } from "@amc/mock-providers/market/mock-market";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import type { Clock } from "@amc/platform/clock";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { previousTradingDay } from "@amc/streams/market/calendar";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { newestPublishedPeriod } from "@amc/streams/short-interest/finra-calendar";
import type { FactQuestion } from "../../operations/ingest-facts.ts";

export interface AskedParts {
  readonly client: ProviderClient;
  readonly origin: string;
  readonly clock: Clock;
  readonly market: MockMarket;
}

/** What is asked at half past two in New York of a trading day, whose answer does not depend on when. */
export type QuestionOfDay = (symbol: string, date: string) => FactQuestion;

const ASKED_AT = "14:30";
const SPAN_MS = 30 * MINUTE_MS;

/** The instant at which the questions of a day are asked, UTC ms. */
export function askedAt(date: string): number {
  return newYorkToUtc(date, ASKED_AT);
}

/** One question of each provider, by the code that asks it in the product. */
export function questionOf(provider: MockedProvider, parts: AskedParts): QuestionOfDay {
  const { client, origin, clock, market } = parts;
  switch (provider) {
    case "yahoo": {
      const yahoo = new Yahoo({ client, baseUrl: origin, clock, cache: null });
      return (symbol, date) => ({
        about: symbol,
        ask: () => yahoo.chart(symbol, "1m", askedAt(date) - SPAN_MS),
      });
    }
    case "finra_short": {
      const finra = new Finra({ client, apiUrl: `${origin}/name`, filesUrl: origin });
      return (_symbol, date) => {
        const { settlementDate } = newestPublishedPeriod(askedAt(date));
        return { about: settlementDate, ask: () => finra.shortInterest(settlementDate) };
      };
    }
    case "alpha_vantage": {
      const baseUrl = `${origin}/query`;
      const alphaVantage = new AlphaVantage({ client, baseUrl, apiKey: "mock" });
      return (symbol, today) => {
        const date = previousTradingDay(today);
        const underlyingClose = market.day(symbol, date).close;
        const terms = { symbol, date, underlyingClose };
        return { about: symbol, ask: () => alphaVantage.optionsAtClose(terms) };
      };
    }
    case "polygon": {
      const polygon = new Polygon({ client, baseUrl: origin, apiKey: "mock" });
      return (symbol, date) => {
        const range = { symbol, intervalMs: MINUTE_MS, from: date, to: date } as const;
        return { about: symbol, ask: () => polygon.bars(range) };
      };
    }
    case "rss": {
      const linksOf = symbolLinker(market.symbols.map((symbol) => ({ symbol, name: null })));
      return (symbol) => ({
        about: symbol,
        ask: async () => {
          const url = new URL(`${origin}/rss/2.0/headline?s=${symbol}`);
          const { answer, captured } = await fetchFeed(client, url);
          const known = new KnownStories();
          const context = {
            feed: "feeds.example",
            address: url,
            captured,
            simulated: true,
            linksOf,
            known,
          };
          return feedNews(answer, context);
        },
      });
    }
  }
}
