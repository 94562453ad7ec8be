import type { ProviderClient, Received } from "@amc/platform/http/provider-client";
import { checkItems } from "./feed-facts.ts";
import { type Feed, readFeed } from "./read-feed.ts";

/** What servers call feeds; `text/html` is a page about an error. */
const MEDIA_TYPES = ["application/rss+xml", "application/atom+xml", "application/xml", "text/xml"];

/**
 * One feed by its address. Throws ProviderError; an answer that is no feed counts against the
 * provider, and one most of whose items say nothing or not when is none.
 */
export async function fetchFeed(
  client: ProviderClient,
  url: URL,
  signal?: AbortSignal,
): Promise<Received<Feed>> {
  return await client.ask({
    // A path may hold a key; the host says whom we asked.
    endpoint: url.host,
    request: { url, accept: MEDIA_TYPES },
    read: (answer, captured) => {
      const feed = readFeed(answer);
      checkItems(feed, url.host, captured);
      return feed;
    },
    ...(signal === undefined ? {} : { signal }),
  });
}
