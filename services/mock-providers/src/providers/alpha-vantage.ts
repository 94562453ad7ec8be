import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { callPrice, gamma } from "@amc/streams/market/black-scholes";
import { isTradingDay, tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays, daysBetween, isCalendarDate, weekdayOf } from "@amc/streams/market/calendar-date";
import { optionTerms } from "@amc/streams/market/options";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { SpoiledKind } from "../failure-kinds.ts";
import type { MockMarket } from "../market/mock-market.ts";
import { noiseOf } from "../market/noise.ts";
import { jsonAnswer, type MockAnswer, type MockRequest } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";

const FRIDAY = 5;
/** Friday expiries that are listed, and strikes to each side of the price. */
const EXPIRIES = 4;
const STRIKES = 5;
/** Words in place of data, with status 200, as Alpha Vantage has them. */
const ERROR = "Invalid API call. Please retry or visit the documentation for HISTORICAL_OPTIONS.";

/** Alpha Vantage: `HISTORICAL_OPTIONS`, whose figures come as text. */
export function mockAlphaVantage(market: MockMarket, nowMs: () => number): MockProvider {
  return { answer: (request) => answerOf(market, nowMs(), request), spoil };
}

function answerOf(market: MockMarket, nowMs: number, { url }: MockRequest): MockAnswer {
  const { searchParams: asked } = url;
  const symbol = canonicalSymbol((asked.get("symbol") ?? "").toUpperCase());
  const date = asked.get("date") ?? "";
  if (asked.get("apikey") === null)
    return jsonAnswer({ "Error Message": "the parameter apikey is missing" });
  if (asked.get("function") !== "HISTORICAL_OPTIONS" || symbol === null || !isCalendarDate(date)) {
    return jsonAnswer({ "Error Message": ERROR });
  }
  const isOver = isTradingDay(date) && sessionBounds(date).afterhoursCloseMs <= nowMs;
  const data = isOver && market.has(symbol) ? chainOf(market, symbol, date) : [];
  const message = data.length === 0 ? "No data for the given date" : "success";
  return jsonAnswer({ endpoint: "Historical Options", message, data });
}

/** Contracts whose prices are those of one volatility, give or take a spread. */
function chainOf(market: MockMarket, symbol: string, date: string): readonly object[] {
  const spot = market.day(symbol, date).close;
  const noise = noiseOf(`${symbol} options ${date}`);
  const volatility = 0.5 + 0.7 * noise(0);
  const step = spot < 10 ? 0.5 : 1;
  const middle = Math.round(spot / step) * step;
  return fridaysAfter(date).flatMap((expiration, week) => {
    const days = daysBetween(date, expiration);
    return Array.from({ length: 2 * STRIKES + 1 }, (_, at) => middle + (at - STRIKES) * step)
      .filter((strike) => strike > 0)
      .flatMap((strike, at) => {
        const terms = optionTerms(spot, strike, days);
        const call = callPrice(terms, volatility);
        const put = call - spot + strike * Math.exp(-terms.rate * terms.years);
        return (
          [
            ["call", call],
            ["put", put],
          ] as const
        ).map(([type, price], side) => {
          const index = 100 * week + 2 * at + side;
          return {
            contractID: contractId(symbol, expiration, type, strike),
            ...{ symbol, expiration, strike: strike.toFixed(2), type, date },
            ...{
              last: text(price),
              mark: text(price),
              bid: text(price * 0.97),
              ask: text(price * 1.03),
            },
            ...{ bid_size: "10", ask_size: "12", volume: String(Math.round(900 * noise(index))) },
            open_interest: String(Math.round(4_000 * noise(1_000 + index))),
            implied_volatility: volatility.toFixed(5),
            gamma: gamma(terms, volatility).toFixed(5),
          };
        });
      });
  });
}

/** Fridays, or the last trading days before them. */
function fridaysAfter(date: string): readonly string[] {
  const toFriday = (FRIDAY - weekdayOf(date) + 7) % 7 || 7;
  return Array.from({ length: EXPIRIES }, (_, week) =>
    tradingDayAtOrBefore(addDays(date, toFriday + 7 * week)),
  );
}

function contractId(symbol: string, expiration: string, type: string, strike: number): string {
  const day = expiration.replaceAll("-", "").slice(2);
  return `${symbol}${day}${type === "call" ? "C" : "P"}${String(Math.round(strike * 1000)).padStart(8, "0")}`;
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
