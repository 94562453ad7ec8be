import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { KnownStories } from "@amc/ingest-news/stories/known-stories";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { mockRss } from "@amc/mock-providers/providers/rss";
import { mockYahoo } from "@amc/mock-providers/providers/yahoo";
import {
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { searchedNews } from "./searched-news.ts";

const START_MS = newYorkToUtc("2025-09-05", "15:30");

describe("news that Yahoo's search lists", () => {
  let server: MockServer;
  let under: ProviderUnderTest;
  let yahoo: Yahoo;
  const market = new MockMarket(["GME", "AMC"]);
  const watched = ["GME", "AMC"].map((symbol) => ({ symbol, name: null }));
  const linksOf = symbolLinker(watched);
  beforeEach(async () => {
    server = await startMockServer(mockYahoo(market, () => START_MS));
    const { origin } = server;
    under = providerUnderTest("yahoo", origin, { startMs: START_MS });
    yahoo = new Yahoo({ client: under.client, baseUrl: origin, clock: under.clock, cache: null });
  });
  afterEach(async () => {
    await under.close();
    await server.close();
  });
  const context = (known = new KnownStories()) => ({
    ...{ watched, linksOf, known, simulated: true },
    staleness: under.client.staleness,
  });

  it("is a fact each, with sentiment, of the source that Yahoo's feeds are, and is told once", async () => {
    const known = new KnownStories();
    const { facts, refused } = await searchedNews(yahoo, "GME", context(known));
    expect(refused).toEqual([]);
    expect(facts).toHaveLength(4);
    expect(facts[0]).toMatchObject({
      topic: "market.news.v1",
      value: {
        ...{ symbol: "GME", publishedAt: newYorkToUtc("2025-09-05", "15:05") },
        ...{ source: "feeds.finance.yahoo.com", credibility: null, simulated: true },
      },
    });
    expect(facts.some(({ value }) => "polarity" in value && value.polarity !== null)).toBe(true);
    expect(await searchedNews(yahoo, "GME", context(known))).toMatchObject({
      ...{ facts: [], repeated: 9 },
    });
  });

  it("is not told again when a feed has told it", async () => {
    const feeds = await startMockServer(mockRss(market, () => START_MS));
    const rss = providerUnderTest("rss", feeds.origin, { startMs: START_MS });
    try {
      const known = new KnownStories();
      const address = new URL(`${feeds.origin}/rss/2.0/headline?s=GME`);
      const { answer, captured } = await fetchFeed(rss.client, address);
      const read = { ...context(known), feed: address.host, address, captured };
      expect(feedNews(answer, read).facts).toHaveLength(4);
      expect(await searchedNews(yahoo, "GME", context(known))).toMatchObject({ facts: [] });
    } finally {
      await rss.close();
      await feeds.close();
    }
  });

  it("is of those companies that Yahoo states, where the headline names none", async () => {
    const story = { uuid: "a-story-of-some-length", title: "Shorts rush to cover", type: "STORY" };
    const times = { providerPublishTime: START_MS / 1000 - 60, relatedTickers: ["AMC", "NOPE"] };
    server.failNext((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ news: [{ ...story, ...times }] }));
    });
    const { facts } = await searchedNews(yahoo, "GME", context());
    expect(facts.map(({ value }) => ("symbol" in value ? value.symbol : null))).toEqual(["AMC"]);
  });
});
