import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { isProviderError } from "@amc/platform/http/provider-error";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { symbolLinker } from "../../linking/symbol-links.ts";
import { storiesInLog } from "../../stories/stories-in-log.ts";
import { BAD_FEEDS, CAPTURED_AT, rssOf } from "../../testing/feeds.ts";
import { feedNews } from "./feed-facts.ts";
import { fetchFeed } from "./rss.ts";

/** What a server sends: a failure of the transport by name, or a body with its type. */
type Sent = string | { readonly body: string | Buffer; readonly type: string };

const GOOD: Sent = { body: rssOf({}), type: "application/rss+xml; charset=utf-8" };
/** The breaker of feeds opens after so many failures. */
const FAILURES_MAX = 5;
const BREAKER_OPEN_MS = 300_000;

describe("polls of a feed", () => {
  let server: LocalServer;
  let under: ProviderUnderTest;
  let sent: Sent;

  beforeEach(async () => {
    server = await startServer((_path, response) => {
      if (typeof sent === "string") return FAILURES[sent]?.(response, 1);
      response.writeHead(200, { "content-type": sent.type });
      response.end(sent.body);
    });
    under = providerUnderTest("rss", server.origin, { startMs: CAPTURED_AT });
  });
  afterEach(async () => {
    await under.close();
    await server.close();
  });

  /** Polls as a job does, each a second after the one before. */
  async function poll(times: number): Promise<void> {
    for (let polls = 0; polls < times; polls += 1) {
      try {
        const { answer, captured } = await fetchFeed(under.client, new URL(server.origin));
        const news = feedNews(answer, {
          ...{ feed: "feed.example", address: null, captured, simulated: under.client.simulated },
          linksOf: symbolLinker([{ symbol: "GME", name: "GameStop" }]),
          known: await storiesInLog(under.log, 0, under.client.simulated),
        });
        await appendFacts(under.log, news.facts, "/amc/test");
      } catch (error) {
        if (!isProviderError(error)) throw error;
      }
      under.clock.advance(1_000);
    }
  }
  const news = () => eventsOf(under.log, "market.news.v1");

  it("tell each item once, and what is added when it is there (R-ING-09)", async () => {
    sent = {
      ...GOOD,
      body: rssOf({}, {}, { title: "Nothing about anybody", guid: null, link: null }),
    };
    await poll(3);
    expect((await news()).map(({ headline }) => headline)).toEqual(["GameStop beats estimates"]);
    const added = { title: "GameStop prices public offering", guid: null, link: null };
    sent = { ...GOOD, body: rssOf(added, {}) };
    await poll(2);
    expect((await news()).map(({ headline, simulated }) => [headline, simulated])).toEqual([
      ["GameStop beats estimates", true],
      ["GameStop prices public offering", true],
    ]);
    expect(await eventsOf(under.log, "ops.provider-call.v1")).toHaveLength(server.requests());
  });

  it.each(Object.keys(BAD_FEEDS))(
    "give no fact of %s, open the breaker after five, and fill the gap later (F28)",
    async (name) => {
      sent = { body: BAD_FEEDS[name] ?? "", type: "application/rss+xml" };
      await poll(20);
      expect(await news()).toEqual([]);
      expect(server.requests()).toBe(FAILURES_MAX);
      const calls = await eventsOf(under.log, "ops.provider-call.v1");
      expect(new Set(calls.map(({ errorCode }) => errorCode))).toEqual(
        new Set(["provider.unreadable"]),
      );
      sent = GOOD;
      under.clock.advance(BREAKER_OPEN_MS);
      await poll(1);
      expect(await news()).toHaveLength(1);
    },
  );

  it("would give facts of many of these to a reader that looks for tags alone (control)", () => {
    const tempting = Object.values(BAD_FEEDS).filter((feed) =>
      /<title>[^<]*GameStop[^<]*<.*<pubDate>[^<]+</s.test(feed.toString().replaceAll("\0", "")),
    );
    expect(tempting.length).toBeGreaterThanOrEqual(5);
  });

  it.each(["text/html", "application/json", "text/plain", "image/svg+xml"])(
    "give no fact of a good feed that is said to be %s",
    async (type) => {
      sent = { ...GOOD, type };
      await poll(2);
      expect(await news()).toEqual([]);
      expect(await eventsOf(under.log, "ops.provider-call.v1")).toMatchObject([
        { errorCode: "provider.content-type" },
        { errorCode: "provider.content-type" },
      ]);
    },
  );

  // These end by their own; the others end by the deadline, which `exchange.int.test.ts` shows.
  it.each([
    "shorter than its length",
    "HTML with status 200",
    "larger than allowed",
    "a gzip bomb",
    "a truncated gzip stream",
    "cut before its head",
    "a redirect that never ends",
  ])("give no fact when the answer is %s", async (name) => {
    sent = name;
    await poll(2);
    expect(await news()).toEqual([]);
  });
});

describe("the address of a feed", () => {
  it.each([
    "http://127.0.0.1/feed",
    "http://[::1]/feed",
    "http://169.254.169.254/latest/meta-data",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://[::ffff:127.0.0.1]/",
    "http://10.0.0.1/",
    "https://example.com:8443/",
    "https://user@example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
  ])("%s is refused before anything is sent (B12)", async (address) => {
    const under = providerUnderTest("rss", "http://127.0.0.1:9");
    await expect(fetchFeed(under.client, new URL(address))).rejects.toMatchObject({
      code: "provider.address",
    });
    await under.close();
  });
});
