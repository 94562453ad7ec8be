import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { readWatchList, type WatchedCompany } from "@amc/ingest-news/linking/watched-company";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import type { KnownStories } from "@amc/ingest-news/stories/known-stories";
import {
  ALPHA_VANTAGE_NEWS,
  ALPHA_VANTAGE_OPTIONS,
  ALPHA_VANTAGE_SOURCE,
  AlphaVantage,
} from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import {
  POLYGON_BARS,
  POLYGON_MARKET_DAY,
  POLYGON_SNAPSHOT,
  POLYGON_SOURCE,
  Polygon,
} from "@amc/ingest-prices/providers/polygon/polygon";
import {
  CHART_INTERVALS,
  YAHOO_CHART,
  YAHOO_OPTIONS,
  YAHOO_SEARCH,
  YAHOO_SOURCE,
  YAHOO_STATISTICS,
  Yahoo,
} from "@amc/ingest-prices/providers/yahoo/yahoo";
import {
  FINRA_DAILY_FILE,
  FINRA_SOURCE,
  Finra,
  SHORT_VOLUME_DATASET,
} from "@amc/ingest-short-interest/providers/finra/finra";
import type { Collected } from "@amc/platform/http/collected";
import {
  datasetEndpoint,
  SCHEDULE_ENDPOINT,
  SHORT_INTEREST_DATASET,
} from "@amc/platform/http/finra-endpoints";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import type { ScheduleInForce } from "@amc/streams/short-interest/schedule-in-force";
import { alphaVantageNews, SEARCHED_NEWS_SOURCE, searchedNews } from "../searched-news.ts";
import type { AnsweredBefore } from "./answered-before.ts";
import type { KeptAnswer } from "./kept-answers.ts";

/** What facts are made with beside the answer itself. */
export interface DerivingContext {
  readonly asker: AnsweredBefore;
  /** FINRA's schedule as people had decided it by an instant. */
  readonly scheduleAt: (atMs: number) => Promise<ScheduleInForce>;
  /** Stories that were told before, and those that are told on the way. */
  readonly known: KnownStories;
}

/** What becomes of an answer. */
export type Coverage =
  | {
      readonly kind: "derived";
      /** Who states the facts, as they have it. */
      readonly source: string;
      readonly derive: (context: DerivingContext) => Promise<Collected>;
    }
  /** It is read with the first answer of its question: a further page, another expiry. */
  | { readonly kind: "continued" }
  | { readonly kind: "uncovered"; readonly reason: string };

type Derive = Extract<Coverage, { kind: "derived" }>["derive"];

const CONTINUED: Coverage = { kind: "continued" };
const NOT_STATED = uncovered("what it was about is not kept with it");
const TOO_MANY_WATCHED = uncovered(
  "the list of companies whose news were wanted is too long to be kept with it",
);
/** A question that is answered from the log needs none. */
const NO_KEY = "none";

/** How facts are made of an answer: by the reader that made them when it came. */
export function coverageOf(answer: KeptAnswer): Coverage {
  switch (answer.head.provider) {
    case "finra_short":
      return finraCoverage(answer);
    case "yahoo":
      return yahooCoverage(answer);
    case "polygon":
      return polygonCoverage(answer);
    case "alpha_vantage":
      return alphaVantageCoverage(answer);
    case "rss":
      return feedCoverage(answer);
    case "alpaca":
      return uncovered(
        "positions are what changed since the statement before, which no answer says",
      );
    default:
      return uncovered("its reader is not known here");
  }
}

function uncovered(reason: string): Coverage {
  return { kind: "uncovered", reason };
}

function derived(source: string, derive: Derive): Coverage {
  return { kind: "derived", source, derive };
}

function finraCoverage({ head, asked }: KeptAnswer): Coverage {
  const { endpoint, origin, answeredAt } = head;
  const { date, limit, offset } = asked;
  if (endpoint === SCHEDULE_ENDPOINT) return uncovered("no fact is made of a page of dates");
  if (date === undefined) return NOT_STATED;
  const finra = ({ asker }: DerivingContext) =>
    new Finra({
      ...{ client: asker, apiUrl: origin, filesUrl: origin },
      ...(limit === undefined ? {} : { pageRows: Number(limit) }),
    });
  if (endpoint === FINRA_DAILY_FILE) {
    return derived(FINRA_SOURCE, (context) => finra(context).shortVolumeFile(date));
  }
  if (offset !== "0") return CONTINUED;
  if (limit === "1") return uncovered("one row on trial, of which nothing is kept");
  if (endpoint === datasetEndpoint(SHORT_VOLUME_DATASET)) {
    return derived(FINRA_SOURCE, (context) => finra(context).shortVolume(date));
  }
  if (endpoint !== datasetEndpoint(SHORT_INTEREST_DATASET)) return NOT_STATED;
  return derived(FINRA_SOURCE, async (context) => {
    const schedule = await context.scheduleAt(answeredAt);
    return await finra(context).shortInterest(date, undefined, schedule);
  });
}

function yahooCoverage({ head, asked }: KeptAnswer): Coverage {
  const { endpoint, origin: baseUrl, answeredAt } = head;
  const { symbol, fromMs, expiry } = asked;
  const interval = CHART_INTERVALS.find((known) => known === asked.interval);
  const yahoo = ({ asker: client }: DerivingContext) => {
    const clock = { nowMs: () => answeredAt, elapsedMs: () => 0 };
    return new Yahoo({ client, baseUrl, clock, cache: null });
  };
  if (symbol === undefined) return NOT_STATED;
  if (endpoint === YAHOO_SEARCH) {
    const watched = watchedOf(asked);
    if (watched === null) return TOO_MANY_WATCHED;
    return derived(SEARCHED_NEWS_SOURCE, (all) =>
      searchedNews(yahoo(all), symbol, newsContext(all, watched)),
    );
  }
  if (endpoint === YAHOO_CHART && interval !== undefined && fromMs !== undefined) {
    return derived(YAHOO_SOURCE, (all) => yahoo(all).chart(symbol, interval, Number(fromMs)));
  }
  if (endpoint === YAHOO_STATISTICS) {
    return derived(YAHOO_SOURCE, (all) => yahoo(all).keyStatistics(symbol));
  }
  if (endpoint !== YAHOO_OPTIONS) return NOT_STATED;
  if (expiry !== undefined) return CONTINUED;
  return derived(YAHOO_SOURCE, (all) => yahoo(all).options(symbol));
}

function polygonCoverage({ head, asked }: KeptAnswer): Coverage {
  const { endpoint, origin: baseUrl } = head;
  const { symbol, unit, from, to, page, date, symbols } = asked;
  const polygon = ({ asker: client }: DerivingContext) =>
    new Polygon({ client, baseUrl, apiKey: NO_KEY });
  if (endpoint === POLYGON_SNAPSHOT) {
    const wanted = symbols?.split(",") ?? null;
    return derived(POLYGON_SOURCE, (all) => polygon(all).snapshot(wanted));
  }
  if (endpoint === POLYGON_MARKET_DAY && date !== undefined) {
    return derived(POLYGON_SOURCE, (all) => polygon(all).marketDay(date));
  }
  if (endpoint !== POLYGON_BARS || symbol === undefined) return NOT_STATED;
  if (from === undefined || to === undefined) return NOT_STATED;
  if (page !== "1") return CONTINUED;
  const intervalMs = unit === "day" ? DAY_MS : MINUTE_MS;
  return derived(POLYGON_SOURCE, (all) => polygon(all).bars({ symbol, intervalMs, from, to }));
}

function alphaVantageCoverage({ head, asked }: KeptAnswer): Coverage {
  const { symbol, date, underlyingClose = "" } = asked;
  const opened = ({ asker: client }: DerivingContext) =>
    new AlphaVantage({ client, baseUrl: head.origin, apiKey: NO_KEY });
  if (head.endpoint === ALPHA_VANTAGE_NEWS && symbol !== undefined) {
    const watched = watchedOf(asked);
    if (watched === null) return TOO_MANY_WATCHED;
    return derived(ALPHA_VANTAGE_SOURCE, (all) =>
      alphaVantageNews(opened(all), symbol, newsContext(all, watched)),
    );
  }
  if (head.endpoint !== ALPHA_VANTAGE_OPTIONS) return NOT_STATED;
  if (symbol === undefined || date === undefined) return NOT_STATED;
  const close = underlyingClose === "" ? null : Number(underlyingClose);
  return derived(ALPHA_VANTAGE_SOURCE, (all) =>
    opened(all).optionsAtClose({ symbol, date, underlyingClose: close }),
  );
}

/** Companies whose news were wanted; null for a list that was left out. */
function watchedOf({ watched }: KeptAnswer["asked"]): readonly WatchedCompany[] | null {
  return watched === undefined ? null : readWatchList(watched);
}

function newsContext({ asker, known }: DerivingContext, watched: readonly WatchedCompany[]) {
  const { simulated, staleness } = asker;
  return { watched, linksOf: symbolLinker(watched), known, simulated, staleness };
}

function feedCoverage({ head, asked }: KeptAnswer): Coverage {
  const watched = watchedOf(asked);
  if (watched === null) return TOO_MANY_WATCHED;
  const address = new URL(asked.address ?? head.origin);
  const feed = address.host;
  return derived(feed, async ({ asker, known }) => {
    const { answer, captured } = await fetchFeed(asker, new URL(head.origin));
    const { simulated, staleness } = asker;
    const linksOf = symbolLinker(watched);
    return feedNews(answer, { feed, address, captured, simulated, staleness, linksOf, known });
  });
}
