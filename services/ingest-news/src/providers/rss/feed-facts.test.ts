import { isProviderError } from "@amc/platform/http/provider-error";
import { describe, expect, it } from "vitest";
import { symbolLinker } from "../../linking/symbol-links.ts";
import { KnownStories } from "../../stories/known-stories.ts";
import { CAPTURED_AT, rssOf, type TestItem } from "../../testing/feeds.ts";
import { checkItems, feedNews } from "./feed-facts.ts";
import { readFeed } from "./read-feed.ts";

const HOUR_MS = 3_600_000;
const captured = { at: CAPTURED_AT, latencyMs: 80 };

function context() {
  return {
    ...{
      feed: "feed.example",
      address: new URL("https://feed.example/rss"),
      captured,
      simulated: false,
      known: new KnownStories(),
    },
    linksOf: symbolLinker([{ symbol: "GME", name: "GameStop" }]),
  };
}
const feedOf = (...items: readonly Partial<TestItem>[]) =>
  readFeed({ body: Buffer.from(rssOf(...items)) });
const newsOf = (...items: readonly Partial<TestItem>[]) => feedNews(feedOf(...items), context());
/** Of an item that carries its article. */
const newsWith = (article: string) => {
  const namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"';
  const source = `<content:encoded ${namespace}><![CDATA[${article}]]></content:encoded>`;
  return newsOf({ title: "Retailer beats estimates", source });
};
/** Items that have nothing in common but the day. */
const item = (title: string, number: number): Partial<TestItem> => ({
  ...{ title, guid: `item-number-${number}-of-them`, link: `https://news.example/${number}` },
});

describe("an item of a feed", () => {
  it("becomes a fact with the times, the outlet and what its headline says (R-ING-09)", () => {
    const { facts, refused, told } = newsOf({});
    expect(refused).toEqual([]);
    expect(told).toMatchObject([{ symbol: "GME", event: "earnings" }]);
    expect(facts).toMatchObject([
      {
        topic: "market.news.v1",
        value: {
          ...{ symbol: "GME", headline: "GameStop beats estimates", timePrecision: "INSTANT" },
          ...{ happenedAt: CAPTURED_AT - HOUR_MS / 2, publishedAt: CAPTURED_AT - HOUR_MS / 2 },
          ...{ capturedAt: CAPTURED_AT, providerLatencyMs: 80, stale: false, simulated: false },
          ...{ source: "feed.example", credibility: null, eventAt: null, confidence: 0.5 },
          ...{ itemId: "0f3c7a51-5d0f-4a52-a1f0-7c1f0c1d2e3f" },
          ...{ url: "https://news.example/gamestop-beats", polarity: told[0]?.polarity },
        },
      },
    ]);
    expect(told[0]?.polarity).toBeGreaterThan(0.5);
  });

  it("is about nobody whom the article names further down, or last of many", () => {
    const paragraph = `<p>${"The market rose again. ".repeat(30)}</p>`;
    const others = Array.from(
      { length: 60 },
      (_, at) => `$${"ABCDEFGH"[at % 8]}${"KLMNOPQR"[at >> 3]}`,
    );
    expect(new Set(others).size).toBe(60);
    for (const html of [
      `${paragraph}<p>So did GameStop (NYSE: GME).</p>`,
      `<p>Moved: ${others.join(" ")} $GME</p>`,
      `<p>Moved: $GME ${others.join(" ")}</p>`,
    ]) {
      expect(newsWith(html)).toMatchObject({ facts: [], unlinked: 1 });
    }
    const release = `<p>GRAPEVINE, Texas, June 7 -- GameStop Corp. (NYSE: GME) said.</p>${paragraph}`;
    expect(newsWith(release).facts).toMatchObject([{ value: { symbol: "GME" } }]);
  });

  it("is about whom the article names by a tag, where the feed carries it (R-PY-14)", () => {
    const tagged = newsWith("<p>GRAPEVINE, Texas: GameStop Corp. (NYSE:&nbsp;GME) said</p>");
    expect(tagged.facts).toMatchObject([{ value: { symbol: "GME" } }]);
    // What nobody reads names nobody, and neither does a word.
    expect(newsWith("<script>ad('$GME')</script><p>GME of all</p>")).toMatchObject({
      ...{ facts: [], unlinked: 1 },
    });
  });

  it("is stale after six hours (R-ING-18)", () => {
    const stale = (pubDate: string) =>
      newsOf({ pubDate }).facts.map(({ value }) => "stale" in value && value.stale);
    expect(stale("Mon, 08 Sep 2025 06:00:00 GMT")).toEqual([false]);
    expect(stale("Mon, 08 Sep 2025 05:59:59 GMT")).toEqual([true]);
  });

  it.each([
    ["https://feeds.reuters.com/news", 0.9],
    ["https://x.com/feed", 0.4],
    ["https://reuters.com.example/news", null],
    ["https://notreuters.com/news", null],
    // Whoever is on the way can write what they like.
    ["http://feeds.reuters.com/news", null],
    [null, null],
  ])("has the credibility of the feed fetched from %s", (address, credibility) => {
    const from = { ...context(), address: address === null ? null : new URL(address) };
    expect(feedNews(feedOf({}), from).facts).toMatchObject([{ value: { credibility } }]);
  });

  it("is no more credible, weightier or better confirmed for whom it names", () => {
    const named = ["https://www.reuters.com", "https://polygon", "https://finra/x"].map(
      (url, number) => ({
        ...item(`GameStop soars ${number} times - Reuters`, number),
        source: `<source url="${url}">Reuters</source>`,
      }),
    );
    const { facts } = newsOf(...named, { ...item("GameStop", 4), link: "https://reuters.com/1" });
    expect(facts).toHaveLength(4);
    for (const { value } of facts) {
      expect(value).toMatchObject({ source: "feed.example", credibility: null, confidence: 0.5 });
    }
    expect(facts[0]).toMatchObject({ value: { headline: "GameStop soars 0 times" } });
  });

  it("has no sentiment in a language that is not read here", () => {
    const feed = { ...feedOf({ title: "GameStop steigt" }), language: "de-DE" };
    const { facts, told } = feedNews(feed, context());
    expect(facts).toMatchObject([{ value: { polarity: null } }]);
    expect(told).toMatchObject([{ event: null, polarity: null }]);
  });

  it.each([
    ["rss.no-title", { title: null }],
    ["rss.no-title", { title: "<![CDATA[ <b></b> ]]>" }],
    ["rss.no-date", { pubDate: null }],
    ["rss.date", { pubDate: "yesterday" }],
    ["rss.date", { pubDate: "2025-09-08" }],
    ["domain.time-ahead", { pubDate: "Mon, 08 Sep 2025 12:05:01 GMT" }],
    ["domain.time", { pubDate: "Mon, 08 Sep 2262 12:05:01 GMT" }],
    ["domain.length", { title: `GameStop ${"x".repeat(500)}` }],
    ["domain.control-character", { title: "GameStop \u202Eseires" }],
  ])("is refused as %s when it has %j", (code, wrong) => {
    const { facts, refused } = newsOf(item("GameStop opens stores", 1), wrong);
    expect(facts).toHaveLength(1);
    expect(refused.map((each) => each.code)).toEqual([code]);
  });

  it("that is refused has not been told, and hides no good copy of itself", () => {
    const bad = item("GameStop \u202Eseires", 1);
    const { facts, told, repeated } = newsOf(bad, { ...bad, title: "GameStop opens stores" });
    expect(facts).toMatchObject([{ value: { headline: "GameStop opens stores" } }]);
    expect([told.map(({ headline }) => headline), repeated]).toEqual([
      ["GameStop opens stores"],
      0,
    ]);
  });

  it("from 1970 is refused", () => {
    const { facts, refused } = newsOf({ pubDate: "Thu, 01 Jan 1970 00:00:00 GMT" });
    expect(facts).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it("keeps no address that leads nowhere", () => {
    const links = [
      "javascript:alert(1)",
      "file:///etc/passwd",
      "https://user:word@x.example/",
      "x",
      // Tracking is taken out one by one: of so much of it nobody waits for the end.
      `https://news.example/?${Array.from({ length: 20_000 }, (_, at) => `utm_${at}`).join("&amp;")}`,
    ];
    for (const link of links) {
      const { facts } = newsOf({ link });
      expect(facts).toMatchObject([{ value: { url: null, source: "feed.example" } }]);
    }
  });

  it("is told once: not by its guid, nor its address, nor its words in another feed", () => {
    const { facts, repeated } = newsOf(
      {},
      { title: "Another title of GameStop" },
      {
        guid: null,
        link: "http://news.example/gamestop-beats/?utm_source=rss#top",
        title: "About GME",
      },
      {
        guid: "another-guid-of-sixteen",
        link: "https://else.example/1",
        title: "GameStop Beats Estimates!",
      },
      item("GameStop opens stores", 1),
    );
    expect(facts).toHaveLength(2);
    expect(repeated).toBe(3);
  });

  it("is another one at an address that differs in a parameter which may name it", () => {
    const titles = ["GameStop opens", "GameStop closes", "GameStop hires", "GameStop buys"];
    const parameters = [
      "cid=1",
      "cid=2",
      "ref=a&amp;utm_source=rss",
      "mod=x&amp;src=y&amp;partner=z",
    ];
    const { facts } = newsOf(
      ...titles.map((title, at) => ({
        ...{ title, guid: null, link: `https://news.example/story?${parameters[at]}` },
      })),
    );
    expect(facts.map(({ value }) => "url" in value && value.url)).toEqual([
      "https://news.example/story?cid=1",
      "https://news.example/story?cid=2",
      "https://news.example/story?ref=a",
      "https://news.example/story?mod=x&partner=z&src=y",
    ]);
  });

  it("is another one with the words of last month", () => {
    const { facts } = newsOf(item("GameStop reports results", 1), {
      ...item("GameStop reports results", 2),
      pubDate: "Mon, 04 Aug 2025 12:00:00 GMT",
    });
    expect(facts).toHaveLength(2);
  });

  it("has the same id whoever carries it and whenever it is read", () => {
    const [first] = newsOf({}).facts;
    const later = { ...context(), captured: { at: CAPTURED_AT + HOUR_MS, latencyMs: 5 } };
    const [again] = feedNews(feedOf({}), later).facts;
    expect(again?.id).toBe(first?.id);
  });

  it("about nobody wanted is counted, and one about two is told of both", () => {
    const known = { ...context(), linksOf: symbolLinker([]) };
    const feed = feedOf(item("Stocks rise", 1), item("$GME and $AMC soar", 2));
    const { facts, unlinked } = feedNews(feed, known);
    expect(facts.map(({ value }) => value.symbol)).toEqual(["AMC", "GME"]);
    expect(unlinked).toBe(1);
  });
});

describe("a feed most of whose items say nothing or not when", () => {
  it("is none", () => {
    const bad = { pubDate: "yesterday" };
    const check =
      (...items: readonly Partial<TestItem>[]) =>
      () =>
        checkItems(feedOf(...items), "feed.example", captured);
    expect(check({}, bad)).not.toThrow();
    expect(check({}, bad, bad)).toThrow(
      expect.toSatisfy((error) => isProviderError(error, "provider.unreadable")),
    );
  });
});
