import type { SymbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { type WatchedCompany, watchListText } from "@amc/ingest-news/linking/watched-company";
import { feedOfStories } from "@amc/ingest-news/listed-stories";
import { type FeedNews, feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import type { KnownStories } from "@amc/ingest-news/stories/known-stories";
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
  const { headlines, refused } = answer;
  const news = feedNews(feedOfStories(headlines), {
    ...context,
    // Nobody has said how far what it lists is to be believed.
    ...{ feed: SEARCHED_NEWS_SOURCE, address: null, captured },
  });
  return { ...news, refused: [...refused, ...news.refused] };
}
