import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { feedNews } from "@amc/ingest-news/providers/rss/feed-facts";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import type { MockProvider } from "@amc/mock-providers/mock-server";
import { finraDataOf, mockFinra } from "@amc/mock-providers/providers/finra";
import { mockRss } from "@amc/mock-providers/providers/rss";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveAgain } from "./derive-again.ts";
import { compareWithLog } from "./fact-differences.ts";
import { keptAnswers } from "./kept-answers.ts";
import { EVERYTHING, KeepingSystem, SOURCE, STALENESS } from "./testing/keeping-system.ts";

const NEWS = "market.news.v1";
const REASON = "a secret that it repeated is not kept, and facts may have been made of it";

/** A feed of a subscriber, whose stories are named with the key that it is asked with. */
function namedByKey(mock: MockProvider): MockProvider {
  const answer: MockProvider["answer"] = (request) => {
    const next = mock.answer(request);
    const key = request.url.searchParams.get("auth");
    if (key === null) return next;
    return { ...next, body: next.body.replaceAll('"false">', `"false">${key}-`) };
  };
  return { ...mock, answer };
}

describe("answers that repeated a secret, which is kept nowhere", () => {
  let system: KeepingSystem;
  beforeEach(() => {
    system = new KeepingSystem(newYorkToUtc("2025-09-15", "19:00"));
  });
  afterEach(() => system.close());

  it("are no facts once more, and what they told is told by no other answer", async () => {
    const { log, clock } = system;
    const mock = namedByKey(mockRss(new MockMarket(["GME"]), clock.nowMs));
    const { client, origin, close } = await system.open("rss", mock);
    const watched = [{ symbol: "GME", name: null }];
    const collect = async (query: string) => {
      const url = new URL(`${origin}/rss/2.0/headline?s=GME${query}`);
      const known = await storiesInLog(log, 0, true);
      const { answer, captured } = await fetchFeed(client, url, undefined, { watched });
      const { simulated, staleness } = client;
      const read = { feed: url.host, address: url, captured, simulated, staleness };
      const news = feedNews(answer, { ...read, linksOf: symbolLinker(watched), known });
      await appendNewFacts(log, news.facts, SOURCE);
      clock.advance(60_000);
      return news.facts.length;
    };
    const told = [await collect("&auth=subscriber-of-9"), await collect("")];
    await close();
    expect(told).toEqual([expect.any(Number), 0]);
    expect(told[0]).toBeGreaterThan(0);
    const answers = await keptAnswers(log, EVERYTHING);
    expect(answers.map(({ head }) => head.redacted)).toEqual([true, false]);
    const { again, differences } = await system.derived();
    expect(again.answersRead).toBe(1);
    expect([...again.uncovered]).toEqual([[`rss ${new URL(origin).host}: ${REASON}`, 1]]);
    expect(differences).toEqual([]);
    // The control: read as if nothing had been replaced, they are other stories than the log has.
    const plain = answers.map((each) => ({ ...each, head: { ...each.head, redacted: false } }));
    const mistaken = await compareWithLog(log, await deriveAgain(log, plain, STALENESS));
    expect(mistaken.counts.get(NEWS)).toMatchObject({ new: told[0], gone: told[0] });
  });

  it("are not read as a further page either", async () => {
    const { log } = system;
    const rows = Array.from({ length: 15 }, (_, index) => ({
      ...{ symbolCode: `SIM${String.fromCharCode(65 + index)}`, settlementDate: "2025-08-29" },
      ...{ currentShortPositionQuantity: 1_000 + index },
    }));
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
    const { client, origin, close } = await system.open("finra_short", mock);
    const finra = new Finra({ client, apiUrl: origin, filesUrl: origin, pageRows: 10 });
    await appendNewFacts(log, (await finra.shortInterest("2025-08-29")).facts, SOURCE);
    await close();
    const [first, second] = await keptAnswers(log, EVERYTHING);
    if (first === undefined || second === undefined) throw new TypeError("two pages were asked");
    const answers = [first, { ...second, head: { ...second.head, redacted: true } }];
    const again = await deriveAgain(log, answers, STALENESS);
    expect(again.facts.size).toBe(0);
    expect(again.failing).toMatchObject([{ code: "not-kept", codeThen: null }]);
    expect((await compareWithLog(log, again)).differences).toEqual([]);
  });
});
