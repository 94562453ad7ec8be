import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { isTradingDay } from "@amc/streams/market/calendar";
import { isCalendarDate } from "@amc/streams/market/calendar-date";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { SpoiledKind } from "../failure-kinds.ts";
import { contractName, mockContracts } from "../market/mock-contracts.ts";
import type { MockMarket } from "../market/mock-market.ts";
import { jsonAnswer, type MockAnswer, type MockRequest } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";
import { storiesOf } from "./rss.ts";

/** Words in place of data, with status 200, as Alpha Vantage has them. */
const ERROR = "Invalid API call. Please retry or visit the documentation for HISTORICAL_OPTIONS.";

/** Alpha Vantage: `HISTORICAL_OPTIONS` and `NEWS_SENTIMENT`, whose figures come as text. */
export function mockAlphaVantage(market: MockMarket, nowMs: () => number): MockProvider {
  return { answer: (request) => answerOf(market, nowMs(), request), spoil };
}

function answerOf(market: MockMarket, nowMs: number, { url }: MockRequest): MockAnswer {
  const { searchParams: asked } = url;
  const symbol = canonicalSymbol((asked.get("symbol") ?? "").toUpperCase());
  const date = asked.get("date") ?? "";
  if (asked.get("apikey") === null)
    return jsonAnswer({ "Error Message": "the parameter apikey is missing" });
  if (asked.get("function") === "NEWS_SENTIMENT")
    return newsOf(market, nowMs, asked.get("tickers"));
  if (asked.get("function") !== "HISTORICAL_OPTIONS" || symbol === null || !isCalendarDate(date)) {
    return jsonAnswer({ "Error Message": ERROR });
  }
  const isOver = isTradingDay(date) && sessionBounds(date).afterhoursCloseMs <= nowMs;
  const data = isOver && market.has(symbol) ? chainOf(market, symbol, date) : [];
  const message = data.length === 0 ? "No data for the given date" : "success";
  return jsonAnswer({ endpoint: "Historical Options", message, data });
}

function newsOf(market: MockMarket, nowMs: number, tickers: string | null): MockAnswer {
  const symbol = canonicalSymbol((tickers ?? "").toUpperCase());
  const stories = symbol !== null && market.has(symbol) ? storiesOf(symbol, nowMs) : [];
  const feed = stories.map(({ id, atMs, title }) => ({
    ...{ title, url: `https://mock.example/${id}`, source: "Mock", summary: "" },
    time_published: new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, ""),
    ticker_sentiment: [{ ticker: symbol, relevance_score: "0.9", ticker_sentiment_score: "0.1" }],
  }));
  return jsonAnswer({ items: String(feed.length), feed });
}

/** Its rows have all figures as text. */
function chainOf(market: MockMarket, symbol: string, date: string): readonly object[] {
  return mockContracts(symbol, date, market.day(symbol, date).close).map((contract) => {
    const { right: type, expiry: expiration, strike, price, bid, ask } = contract;
    return {
      contractID: contractName(symbol, contract),
      ...{ symbol, expiration, strike: strike.toFixed(2), type, date },
      ...{ last: text(price), mark: text(price), bid: text(bid), ask: text(ask) },
      ...{ bid_size: "10", ask_size: "12", volume: String(contract.volume) },
      open_interest: String(contract.openInterest),
      implied_volatility: contract.volatility.toFixed(5),
      gamma: contract.gamma.toFixed(5),
    };
  });
}

/** A price of nothing is no bid. */
function text(price: number): string {
  return Math.max(0, price).toFixed(2);
}

function spoil(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(good, /"symbol":"[^"]*"/g, '"symbol":"WRNG"');
    case "no numbers":
      return edited(good, /"strike":"[^"]*"/g, '"strike":"NaN"');
    case "negative":
      return edited(good, /"(bid|ask|volume)":"/g, '"$1":"-');
    case "of the future":
      return edited(good, /"date":"\d{4}/g, '"date":"2099');
    case "the same time again":
      return edited(
        good,
        /\{"contractID[^{}]*\}/g,
        (row) => `${row},${row.replace(/"bid":"/, '"bid":"9')}`,
      );
  }
}
