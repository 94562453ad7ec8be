import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { isTradingDay, tradingDayAtOrBefore, tradingDaysIn } from "@amc/streams/market/calendar";
import { DAY_MS, isCalendarDate, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import type { SpoiledKind } from "../failure-kinds.ts";
import type { MockBar, MockMarket } from "../market/mock-market.ts";
import { jsonAnswer, type MockAnswer, type MockRequest, NOT_FOUND } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";

/** Polygon's stocks: bars of a symbol, a grouped day, a snapshot. Without a key it refuses. */
export function mockPolygon(market: MockMarket, nowMs: () => number): MockProvider {
  return { answer: (request) => answerOf(market, nowMs(), request), spoil };
}

function answerOf(market: MockMarket, nowMs: number, { url, headers }: MockRequest): MockAnswer {
  if (!/^Bearer ./.test(String(headers.authorization ?? ""))) {
    return jsonAnswer({ status: "ERROR", error: "API Key was not provided" }, 401);
  }
  const [, , ...path] = url.pathname.split("/");
  if (path[0] === "aggs" && path[1] === "ticker") return barsAnswer(market, nowMs, path);
  if (path[0] === "aggs" && path[1] === "grouped")
    return dayAnswer(market, nowMs, path.at(-1) ?? "");
  if (path[0] === "snapshot" && path.at(-1) === "tickers") {
    const asked = url.searchParams.get("tickers")?.split(",") ?? null;
    return snapshotAnswer(market, nowMs, asked);
  }
  return NOT_FOUND;
}

function barsAnswer(market: MockMarket, nowMs: number, path: readonly string[]): MockAnswer {
  const [, , tickerText = "", , , unit, from = "", to = ""] = path;
  const ticker = canonicalSymbol(decodeURIComponent(tickerText)) ?? "";
  if (!isCalendarDate(from) || !isCalendarDate(to)) return NOT_FOUND;
  const dates = market.has(ticker) ? tradingDaysIn(from, to) : [];
  const results = dates
    .flatMap((date) =>
      unit === "day"
        ? [{ ...market.day(ticker, date), startMs: newYorkToUtc(date, "00:00") }]
        : market.minutes(ticker, date),
    )
    .filter(({ startMs }) => startMs < nowMs)
    .map(aggregate);
  return jsonAnswer({
    ...{ ticker, adjusted: false, status: "OK", request_id: "mock" },
    ...{ queryCount: results.length, resultsCount: results.length },
    ...(results.length === 0 ? {} : { results }),
  });
}

function aggregate({ startMs, open, high, low, close, volume }: MockBar) {
  const vw = Number(((high + low + close) / 3).toFixed(4));
  return {
    v: volume,
    vw,
    o: open,
    c: close,
    h: high,
    l: low,
    t: startMs,
    n: Math.ceil(volume / 100),
  };
}

/** `t` is the end of the day here. */
function dayAnswer(market: MockMarket, nowMs: number, date: string): MockAnswer {
  const isOver = isCalendarDate(date) && isTradingDay(date) && sessionBounds(date).closeMs <= nowMs;
  const results = isOver
    ? market.symbols.map((T) => ({
        ...{ T, ...aggregate(market.day(T, date)) },
        t: sessionBounds(date).closeMs,
      }))
    : [];
  const count = { queryCount: results.length, resultsCount: results.length };
  return jsonAnswer({ ...count, adjusted: false, results, status: "OK" });
}

function snapshotAnswer(market: MockMarket, nowMs: number, asked: readonly string[] | null) {
  const listed = market.symbols.filter((symbol) => asked === null || asked.includes(symbol));
  const tickers = listed.map((ticker) => tickerOf(market, ticker, nowMs));
  return jsonAnswer({ count: tickers.length, status: "OK", request_id: "mock", tickers });
}

function tickerOf(market: MockMarket, ticker: string, nowMs: number) {
  const today = tradingDayAtOrBefore(newYorkDateOf(nowMs));
  const ended = market.minutes(ticker, today).filter(({ startMs }) => startMs + MINUTE_MS <= nowMs);
  const newest = ended.at(-1);
  const price =
    newest?.close ?? market.day(ticker, tradingDayAtOrBefore(newYorkDateOf(nowMs - DAY_MS))).close;
  const spread = Math.max(0.01, Math.round(price * 0.1) / 100);
  const quoteNs = ((newest?.startMs ?? nowMs - MINUTE_MS) + 59_000) * 1e6;
  return {
    ...{ ticker, todaysChange: 0, todaysChangePerc: 0, updated: quoteNs },
    lastQuote: { p: price, P: Number((price + spread).toFixed(2)), s: 3, S: 4, t: quoteNs },
    min: newest === undefined ? NO_MINUTE : aggregate(newest),
  };
}

/** What a symbol without a trade today has for its newest minute. */
const NO_MINUTE = { v: 0, vw: 0, o: 0, c: 0, h: 0, l: 0, t: 0, n: 0 };

function spoil(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(good, /"ticker":"[^"]*"/g, '"ticker":"WRNG"');
    case "no numbers":
      return edited(good, /"c":[\d.]+/, '"c":NaN');
    case "negative":
      return edited(good, /"(l|c)":/g, '"$1":-');
    case "of the future":
      return edited(good, /"t":\d+/g, (found) => `"t":${Number(found.slice(4)) + 30 * DAY_MS}`);
    case "the same time again":
      return edited(good, /\{"v":[^{}]*\}/, (row) => `${row},${row.replace(/"v":/, '"v":9')}`);
  }
}
