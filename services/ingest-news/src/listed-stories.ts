import type { Feed } from "./providers/rss/read-feed.ts";

/** A story that a vendor lists with the companies that it is about. */
export interface ListedStory {
  readonly id: string;
  readonly title: string;
  readonly link: string | null;
  /** UTC ms. */
  readonly publishedAt: number;
  readonly symbols: readonly string[];
}

/**
 * Stories as a feed has them, so that they are linked, read and told once by the same rules. Companies that the
 * vendor states stand there as cashtags do in a text: a story about more than ten is about none.
 */
export function feedOfStories(stories: readonly ListedStory[]): Feed {
  return {
    language: "en-US",
    items: stories.map(({ id, title, link, publishedAt, symbols }) => ({
      ...{ title, link, guid: id, outlet: null, article: "" },
      summary: symbols.map((symbol) => `$${symbol}`).join(" "),
      published: new Date(publishedAt).toISOString(),
    })),
  };
}
