import type { ProviderAsker, Received } from "@amc/platform/http/provider-client";
import { type WatchedCompany, watchListText } from "../../linking/watched-company.ts";
import { checkItems } from "./feed-facts.ts";
import { type Feed, readFeed } from "./read-feed.ts";

/** What servers call feeds; `text/html` is a page about an error. */
const MEDIA_TYPES = ["application/rss+xml", "application/atom+xml", "application/xml", "text/xml"];

/** What has to be known to make news of a feed once more. */
export interface FeedInterest {
  /** Companies whose news are wanted. */
  readonly watched?: readonly WatchedCompany[];
  /** In whose name it is told, where a mock is asked in its place. */
  readonly address?: URL;
}

/**
 * One feed by its address. Throws ProviderError; an answer that is no feed counts against the
 * provider, and one most of whose items say nothing or not when is none.
 */
export async function fetchFeed(
  client: ProviderAsker,
  url: URL,
  signal?: AbortSignal,
  { watched = [], address = url }: FeedInterest = {},
): Promise<Received<Feed>> {
  return await client.ask({
    // A path may hold a key; the host says whom we asked.
    endpoint: url.host,
    parameters: { address: address.origin, watched: watchListText(watched) },
    request: { url, accept: MEDIA_TYPES },
    read: (answer, captured) => {
      const feed = readFeed(answer);
      checkItems(feed, url.host, captured);
      return feed;
    },
    ...(signal === undefined ? {} : { signal }),
  });
}
