import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { tradingDaysIn } from "@amc/streams/market/calendar";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import { newestPublishedPeriod } from "@amc/streams/short-interest/finra-calendar";
import type { SpoiledKind } from "../failure-kinds.ts";
import type { MockBar, MockMarket } from "../market/mock-market.ts";
import { jsonAnswer, type MockAnswer, type MockRequest, NOT_FOUND } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";
import { storiesOf } from "./rss.ts";
import { optionsAnswer } from "./yahoo-options.ts";

/** Minutes of so many days are stated at most, as Yahoo does. */
const MINUTE_DAYS_MS = 8 * 86_400_000;

/** Yahoo Finance: charts, key statistics, options and searches in the form that it answers in. */
export function mockYahoo(market: MockMarket, nowMs: () => number): MockProvider {
  const answer = (request: MockRequest): MockAnswer => {
    const { url } = request;
    const [path, symbolText] = partsOf(url);
    const symbol = canonicalSymbol(decodeURIComponent(symbolText).toUpperCase());
    if (url.pathname === COOKIE_PATH) return COOKIE_PAGE;
    if (url.pathname === "/v1/test/getcrumb") return crumbAnswer(request);
    if (url.pathname === "/v1/finance/search") return searchAnswer(market, url, nowMs());
    switch (path) {
      case "/v8/finance/chart":
        return symbol === null || !market.has(symbol)
          ? unknown("chart", symbolText)
          : chartAnswer(market, symbol, url, nowMs());
      case "/v10/finance/quoteSummary":
        if (!isKnown(request)) return refused();
        return symbol === null || !market.has(symbol)
          ? unknown("quoteSummary", symbolText)
          : jsonAnswer(statistics(market, symbol, nowMs()));
      case "/v7/finance/options":
        if (!isKnown(request)) return refused();
        return jsonAnswer(
          symbol === null || !market.has(symbol)
            ? { optionChain: { result: [], error: null } }
            : optionsAnswer(market, symbol, url.searchParams.get("date"), nowMs()),
        );
      default:
        return NOT_FOUND;
    }
  };
  return { answer, spoil: spoilChart };
}

/** Where the mock hands out its cookie; Yahoo does at a host of its own. */
export const COOKIE_PATH = "/cookie";
const COOKIE = "A3=mock";
const CRUMB = "mOcK.crumb1";
const COOKIE_PAGE: MockAnswer = {
  ...NOT_FOUND,
  headers: { "set-cookie": `${COOKIE}; Path=/; Secure; HttpOnly` },
};

function crumbAnswer({ headers }: MockRequest): MockAnswer {
  if (headers.cookie !== COOKIE) return refused();
  return { status: 200, type: "text/plain", body: CRUMB };
}

/** Whoever asks for statistics or options has the cookie and the word that belongs to it. */
function isKnown({ headers, url }: MockRequest): boolean {
  return headers.cookie === COOKIE && url.searchParams.get("crumb") === CRUMB;
}

function refused(): MockAnswer {
  const error = { code: "Unauthorized", description: "Invalid Crumb" };
  return jsonAnswer({ finance: { result: null, error } }, 401);
}

/** Stories of the symbol that is searched for, those of the mock's feeds. */
function searchAnswer(market: MockMarket, { searchParams }: URL, nowMs: number): MockAnswer {
  const asked = searchParams.get("q") ?? "";
  const symbol = canonicalSymbol(asked.toUpperCase());
  const count = Number(searchParams.get("newsCount") ?? 4);
  const stories = symbol === null || !market.has(symbol) ? [] : storiesOf(symbol, nowMs);
  const news = stories.slice(0, count).map(({ id, atMs, title }) => ({
    ...{ uuid: id, title, publisher: "Mock", type: "STORY" },
    ...{ providerPublishTime: Math.floor(atMs / 1000), relatedTickers: [asked] },
  }));
  return jsonAnswer({ explains: [], count: news.length, quotes: [], news });
}

/** The path up to its last part, and that. */
function partsOf({ pathname }: URL): [string, string] {
  const at = pathname.lastIndexOf("/");
  return [pathname.slice(0, at), pathname.slice(at + 1)];
}

function unknown(name: string, symbol: string): MockAnswer {
  const description = `Quote not found for symbol: ${symbol}`;
  return jsonAnswer({ [name]: { result: null, error: { code: "Not Found", description } } }, 404);
}

function chartAnswer(market: MockMarket, symbol: string, { searchParams }: URL, nowMs: number) {
  const interval = searchParams.get("interval") ?? "1d";
  const fromMs = 1000 * Number(searchParams.get("period1"));
  const untilMs = Math.min(nowMs, 1000 * Number(searchParams.get("period2")));
  if (interval !== "1m" && interval !== "1d") return badInterval(interval);
  if (interval === "1m" && untilMs - fromMs > MINUTE_DAYS_MS) return badRange();
  const dates =
    fromMs > untilMs ? [] : tradingDaysIn(newYorkDateOf(fromMs), newYorkDateOf(untilMs));
  const bars = dates
    .flatMap((date) => {
      if (interval === "1m") return market.minutes(symbol, date);
      return sessionBounds(date).openMs > nowMs ? [] : [market.dayUntil(symbol, date, nowMs)];
    })
    .filter(({ startMs }) => startMs >= fromMs && startMs < untilMs);
  // The minute that is going on is stated as far as it goes.
  const running = bars.at(-1);
  const isRunning =
    interval === "1m" && running !== undefined && running.startMs + MINUTE_MS > nowMs;
  const stated = isRunning ? [...bars.slice(0, -1), begun(running)] : bars;
  return jsonAnswer({ chart: { result: [chartOf(symbol, interval, stated)], error: null } });
}

function begun(bar: MockBar): MockBar {
  const { open } = bar;
  return { ...bar, high: open, low: open, close: open, volume: Math.round(bar.volume / 10) };
}

function chartOf(symbol: string, interval: string, bars: readonly MockBar[]) {
  const column = (of: (bar: MockBar) => number) => bars.map(of);
  const meta = {
    ...{ currency: "USD", symbol: symbol.replace(".", "-"), exchangeName: "NMS" },
    ...{ instrumentType: "EQUITY", exchangeTimezoneName: "America/New_York" },
    ...{ longName: `Mock of ${symbol}`, dataGranularity: interval, range: "" },
  };
  if (bars.length === 0) return { meta, indicators: { quote: [{}] } };
  const quote = {
    // Yahoo keeps prices as 32-bit floats and prints them as 64-bit ones.
    open: column(({ open }) => Math.fround(open)),
    high: column(({ high }) => Math.fround(high)),
    low: column(({ low }) => Math.fround(low)),
    close: column(({ close }) => Math.fround(close)),
    volume: column(({ volume }) => volume),
  };
  const timestamp = column(({ startMs }) => startMs / 1000);
  return { meta, timestamp, indicators: { quote: [quote] } };
}

function badInterval(interval: string): MockAnswer {
  const error = { code: "Bad Request", description: `Invalid input - interval=${interval}` };
  return jsonAnswer({ chart: { result: null, error } }, 400);
}

function badRange(): MockAnswer {
  const description = "1m data not available: only 8 days worth of 1m granularity are allowed";
  const error = { code: "Unprocessable Entity", description };
  return jsonAnswer({ chart: { result: null, error } }, 422);
}

function statistics(market: MockMarket, symbol: string, nowMs: number) {
  const { settlementDate } = newestPublishedPeriod(nowMs);
  const { floatShares, sharesOutstanding } = market.company(symbol);
  const sharesShort = market.sharesShort(symbol, settlementDate);
  const defaultKeyStatistics = {
    ...{ maxAge: 1, floatShares, sharesOutstanding, sharesShort },
    shortRatio: Number((sharesShort / market.usualVolume(symbol)).toFixed(2)),
    shortPercentOfFloat: Number((sharesShort / floatShares).toFixed(4)),
    dateShortInterest: Date.parse(`${settlementDate}T00:00:00Z`) / 1000,
  };
  return { quoteSummary: { result: [{ defaultKeyStatistics }], error: null } };
}

const DAY_S = 86_400;

/** Of a chart; other answers stay good. */
function spoilChart(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(edited(good, /"symbol":"[^"]*"/, '"symbol":"WRNG"'), /("volume":\[)/, "$17");
    case "no numbers":
      return edited(good, /("close":\[)[^,\]]+/, "$1NaN");
    case "negative":
      return edited(good, /("(?:low|close)":\[)/g, "$1-");
    case "of the future":
      return edited(good, /(?<="timestamp":\[[^\]]*)\d+/g, (text) =>
        String(Number(text) + 30 * DAY_S),
      );
    case "the same time again":
      return edited(good, /("timestamp":\[(\d+)),\d+/, "$1,$2");
  }
}
