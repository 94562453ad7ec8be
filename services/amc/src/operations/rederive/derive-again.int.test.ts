import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import {
  type MockProvider,
  type MockServer,
  startMockServer,
} from "@amc/mock-providers/mock-server";
import { finraDataOf, mockFinra } from "@amc/mock-providers/providers/finra";
import { mockRss } from "@amc/mock-providers/providers/rss";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import { loadConfig } from "@amc/platform/config/load-config";
import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import { type OpenedProvider, openProvider } from "@amc/platform/http/open-provider";
import type { ProviderAsker } from "@amc/platform/http/provider-client";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { Provider } from "@amc/platform/http/provider-limits";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveAgain } from "./derive-again.ts";
import { compareWithLog } from "./fact-differences.ts";
import { keptAnswers } from "./kept-answers.ts";

const SOURCE = "/amc/test";
const DATE = "2025-08-29";
const rows = Array.from({ length: 25 }, (_, index) => ({
  ...{ symbolCode: `SIM${String.fromCharCode(65 + index)}`, settlementDate: DATE },
  ...{ currentShortPositionQuantity: 1_000 + index },
}));
const EVERYTHING = { fromMs: -Infinity, toMs: Infinity, provider: null };
const variables = loadConfig({ KEEP_RAW_ANSWERS: "true" });

/** What a version of the reader makes of an answer that mixes up two of its columns. */
function misreading(client: ProviderAsker): ProviderAsker {
  const [short, volume] = ["currentShortPositionQuantity", "averageDailyVolumeQuantity"];
  const swapped = (text: string) =>
    text.replaceAll(new RegExp(`${short}|${volume}`, "g"), (name) =>
      name === short ? volume : short,
    );
  return {
    simulated: client.simulated,
    staleness: client.staleness,
    awaitsTrial: false,
    ask: (question) =>
      client.ask({
        ...question,
        read: (answer, captured) => {
          const body = Buffer.from(swapped(answer.body.toString()));
          return question.read({ ...answer, body }, captured);
        },
      }),
  };
}

/** Yahoo lists the expiry of the day first, whose options say nothing about the days to come. */
function expiringToday(mock: MockProvider, date: string): MockProvider {
  const today = Date.parse(date) / 1_000;
  const answer: MockProvider["answer"] = (request) => {
    const next = mock.answer(request);
    if (request.url.searchParams.has("date")) return next;
    const body = next.body
      .replace('"expirationDates":[', `"expirationDates":[${today},`)
      .replace(/"(calls|puts)":\[[^\]]*\]/g, '"$1":[]')
      .replace(/"options":\[\{"expirationDate":\d+/, `"options":[{"expirationDate":${today}`);
    return { ...next, body };
  };
  return { ...mock, answer };
}

describe("facts made anew of answers that are kept", () => {
  const startMs = newYorkToUtc("2025-09-15", "19:00");
  let clock = virtualClock(startMs);
  let log = createMemoryLog([], clock.nowMs);
  const opened: (OpenedProvider | MockServer)[] = [];

  beforeEach(() => {
    clock = virtualClock(startMs);
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 2 }));
    log = createMemoryLog(layout, clock.nowMs);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  async function open(provider: Provider, mock: MockProvider) {
    const server = await startMockServer(mock, clock.elapsedMs);
    const provided = await openProvider({
      ...{ provider, variables, log, clock, source: SOURCE, baseUrls: [server.origin] },
      ...{ simulated: true, logger: { info: () => undefined, warn: () => undefined } },
    });
    opened.push(server);
    const close = () => provided.close();
    return { client: provided.client, server, origin: server.origin, close };
  }

  async function derived(range = EVERYTHING) {
    const again = await deriveAgain(log, await keptAnswers(log, range), stalenessLimits(variables));
    return { again, ...(await compareWithLog(log, again)) };
  }

  it("are those of all pages, also where one had to be asked for twice", async () => {
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
    const { client, server, origin, close } = await open("finra_short", mock);
    const finra = new Finra({ client, apiUrl: origin, filesUrl: origin, pageRows: 10 });
    server.failNext("data", { status: 503 });
    const { facts } = await finra.shortInterest(DATE);
    await appendNewFacts(log, facts, SOURCE);
    await close();
    const { again, differences, counts } = await derived();
    expect(again.answersRead).toBe(3);
    expect(differences).toEqual([]);
    expect(counts.get("short.interest.v1")).toEqual({ same: 25, new: 0, changed: 0, gone: 0 });
    // The control: a fact that is not as the answer says is found among them.
    const [first] = facts;
    if (first?.topic !== "short.interest.v1") throw new TypeError("no fact of short interest");
    const wrong = { ...first.value, daysToCover: 9 };
    const others = facts.slice(1);
    log = createMemoryLog(log.topics(), clock.nowMs);
    await appendNewFacts(log, [{ ...first, value: wrong }, ...others], SOURCE);
    const { differences: found } = await compareWithLog(log, again);
    expect(found).toMatchObject([
      {
        ...{ change: "changed", id: first.id, stands: true },
        fields: [{ field: "daysToCover", was: 9, now: null }],
      },
    ]);
  });

  it("are told from those that a reader made which took one column for another", async () => {
    const given = rows.map((row) => ({ ...row, averageDailyVolumeQuantity: 500 }));
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: given } }));
    const { client, origin, close } = await open("finra_short", mock);
    const finra = new Finra({ client: misreading(client), apiUrl: origin, filesUrl: origin });
    const { facts } = await finra.shortInterest(DATE);
    await appendNewFacts(log, facts, SOURCE);
    await close();
    const { differences, counts } = await derived();
    expect(counts.get("short.interest.v1")).toEqual({ same: 0, new: 0, changed: 25, gone: 0 });
    expect(differences.find(({ value }) => value.symbol === "SIMC")?.fields).toEqual([
      { field: "sharesShort", was: 500, now: 1_002 },
      { field: "averageDailyVolume", was: 1_002, now: 500 },
    ]);
  });

  it("are none where a page is not kept, and what the log has of it is not called gone", async () => {
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
    const { client, origin, close } = await open("finra_short", mock);
    const finra = new Finra({ client, apiUrl: origin, filesUrl: origin, pageRows: 10 });
    await appendNewFacts(log, (await finra.shortInterest(DATE)).facts, SOURCE);
    await close();
    const answers = await keptAnswers(log, EVERYTHING);
    const again = await deriveAgain(log, answers.slice(0, 2), stalenessLimits(variables));
    expect(again.facts.size).toBe(0);
    expect(again.failing).toEqual([
      {
        ...{ provider: "finra_short", endpoint: "otcMarket/consolidatedShortInterest" },
        ...{ code: "not-kept", codeThen: null },
      },
    ]);
    expect((await compareWithLog(log, again)).differences).toEqual([]);
  });

  it("are of the expiry that the first answer led to, and none of the pass that Yahoo wants", async () => {
    const market = new MockMarket(["GME"]);
    const mock = expiringToday(mockYahoo(market, clock.nowMs), "2025-09-15");
    const { client, origin: baseUrl, close } = await open("yahoo", mock);
    const cookieUrl = `${baseUrl}${COOKIE_PATH}`;
    const yahoo = new Yahoo({ client, baseUrl, cookieUrl, clock, cache: null });
    const { facts } = await yahoo.options("GME");
    expect(facts).toHaveLength(1);
    await appendNewFacts(log, facts, SOURCE);
    await close();
    const { again, differences, counts } = await derived();
    expect(again.answersRead).toBe(2);
    expect(differences).toEqual([]);
    expect(counts.get("market.options.v1")).toEqual({ same: 1, new: 0, changed: 0, gone: 0 });
    const answers = await keptAnswers(log, EVERYTHING);
    expect(answers.map(({ head }) => head.endpoint)).toEqual([
      ...["v7/finance/options", "v7/finance/options"],
    ]);
  });

  it("tell a story once, as they did, whichever answer told it, and none that was told before", async () => {
    const market = new MockMarket(["GME"]);
    const { client, origin, close } = await open("rss", mockRss(market, clock.nowMs));
    const url = new URL(`${origin}/rss/2.0/headline?s=GME`);
    const watched = [{ symbol: "GME", name: null }];
    const collect = async () => {
      const known = await storiesInLog(log, 0, true);
      const { answer, captured } = await fetchFeed(client, url, undefined, { watched });
      const { simulated, staleness } = client;
      const read = { feed: url.host, address: url, captured, simulated, staleness };
      const linksOf = symbolLinker(watched);
      const news = feedNews(answer, { ...read, linksOf, known });
      await appendNewFacts(log, news.facts, SOURCE);
      clock.advance(3_600_000);
      return news.facts.length;
    };
    const counted = [await collect(), await collect(), await collect()];
    await close();
    expect(counted[0]).toBeGreaterThan(0);
    const all = counted.reduce((sum, count) => sum + count, 0);
    const { counts, differences } = await derived();
    expect(differences).toEqual([]);
    expect(counts.get("market.news.v1")).toEqual({ same: all, new: 0, changed: 0, gone: 0 });
    const later = await derived({ ...EVERYTHING, fromMs: startMs + 1_000 });
    expect(later.differences).toEqual([]);
    expect(later.counts.get("market.news.v1")?.same ?? 0).toBe(all - (counted[0] ?? 0));
  });

  it("are none of a log that was made before answers could be kept", async () => {
    const older = log.topics().filter(({ topic }) => topic !== "ops.provider-answer.v1");
    expect(await keptAnswers(createMemoryLog(older, clock.nowMs), EVERYTHING)).toEqual([]);
  });

  it("are none of an answer that failed, which says how it failed then and now", async () => {
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
    const { client, server, origin, close } = await open("finra_short", mock);
    const finra = new Finra({ client, apiUrl: origin, filesUrl: origin });
    server.failNext("a page in its place", "truncated");
    await expect(finra.shortInterest(DATE)).rejects.toSatisfy(isProviderError);
    await expect(finra.shortInterest(DATE)).rejects.toSatisfy(isProviderError);
    await close();
    const { again } = await derived();
    expect(again.failing.map(({ code, codeThen }) => [codeThen, code])).toEqual([
      ["provider.content-type", "provider.content-type"],
      ["provider.unreadable", "provider.unreadable"],
    ]);
  });

  it("state a figure once that every answer repeats, and call none of it new", async () => {
    const market = new MockMarket(["GME"]);
    const { client, origin: baseUrl, close } = await open("yahoo", mockYahoo(market, clock.nowMs));
    const cookieUrl = `${baseUrl}${COOKIE_PATH}`;
    const yahoo = new Yahoo({ client, baseUrl, cookieUrl, clock, cache: null });
    for (let day = 0; day < 3; day += 1) {
      await appendNewFacts(log, (await yahoo.keyStatistics("GME")).facts, SOURCE);
      clock.advance(86_400_000);
    }
    await close();
    const { again, differences } = await derived();
    expect(again.answersRead).toBe(3);
    expect(differences).toEqual([]);
  });
});
