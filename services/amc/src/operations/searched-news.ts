import type { SymbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { type WatchedCompany, watchListText } from "@amc/ingest-news/linking/watched-company";
import { feedOfStories, type ListedStory } from "@amc/ingest-news/listed-stories";
import {
  type FeedContext,
  type FeedNews,
  feedNews,
} from "@amc/ingest-news/providers/rss/feed-facts";
import type { KnownStories } from "@amc/ingest-news/stories/known-stories";
import {
  ALPHA_VANTAGE_SOURCE,
  type AlphaVantage,
} from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import type { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import type { StalenessLimits } from "@amc/streams/market/shelf-life";

export interface SearchContext {
  /** Those whom `linksOf` knows, to be kept with the answer. */
  readonly watched: readonly WatchedCompany[];
  readonly linksOf: SymbolLinker;
  /** Gets what the search tells anew. */
  readonly known: KnownStories;
  readonly simulated: boolean;
  readonly staleness: StalenessLimits | undefined;
}

/** As the host of its feeds: a vendor that says something in two places has not been confirmed. */
export const SEARCHED_NEWS_SOURCE = "feeds.finance.yahoo.com";

/** News that Yahoo's search lists for a symbol. Throws ProviderError. */
export async function searchedNews(
  yahoo: Yahoo,
  symbol: string,
  { watched, ...context }: SearchContext,
  signal?: AbortSignal,
): Promise<FeedNews> {
  const { answer, captured } = await yahoo.search(symbol, signal, watchListText(watched));
  return newsOf(answer, { ...context, ...{ feed: SEARCHED_NEWS_SOURCE, captured } });
}

/** News that Alpha Vantage lists for a symbol. Throws ProviderError. */
export async function alphaVantageNews(
  alphaVantage: AlphaVantage,
  symbol: string,
  { watched, ...context }: SearchContext,
  signal?: AbortSignal,
): Promise<FeedNews> {
  const { answer, captured } = await alphaVantage.news(symbol, signal, watchListText(watched));
  return newsOf(answer, { ...context, ...{ feed: ALPHA_VANTAGE_SOURCE, captured } });
}

interface Listed {
  readonly headlines: readonly ListedStory[];
  readonly refused: FeedNews["refused"];
}

/** Nobody has said how far what a vendor lists is to be believed. */
function newsOf(
  { headlines, refused }: Listed,
  context: Omit<SearchContext, "watched"> & Pick<FeedContext, "feed" | "captured">,
): FeedNews {
  const news = feedNews(feedOfStories(headlines), { ...context, address: null });
  return { ...news, refused: [...refused, ...news.refused] };
}
