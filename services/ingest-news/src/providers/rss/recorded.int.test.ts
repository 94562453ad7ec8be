import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { symbolLinker } from "../../linking/symbol-links.ts";
import { readWatchList } from "../../linking/watched-company.ts";
import { KnownStories } from "../../stories/known-stories.ts";
import { feedNews } from "./feed-facts.ts";
import { readFeed } from "./read-feed.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../../../..");
const FIXTURES = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data", "api-fixtures");
const FEED = resolve(FIXTURES, "TRANSCRIBED-yahoo-rss-TSLA-2025-07-26.xml");
const absent = !existsSync(FEED);

describe.skipIf(absent)("a feed of Yahoo's (needs AMC_DATA)", () => {
  const newsOf = (watched: string, known = new KnownStories()) =>
    feedNews(readFeed({ body: readFileSync(FEED) }), {
      ...{ feed: "feeds.finance.yahoo.com", address: null, simulated: false, known },
      captured: { at: Date.UTC(2025, 6, 26, 12), latencyMs: 100 },
      linksOf: symbolLinker(readWatchList(watched) ?? []),
    });

  it("gives a fact per item about Tesla, at the time and the address that it states (R-ING-09)", () => {
    const { facts, refused, unlinked } = newsOf("TSLA=Tesla");
    expect(refused).toEqual([]);
    // Six of seven titles name it; the seventh is about indexes.
    expect(unlinked).toBe(1);
    const text = readFileSync(FEED, "utf8");
    const dates = [...text.matchAll(/<pubDate>(.*?)<\/pubDate>/g)].map(([, date = ""]) =>
      Date.parse(date),
    );
    expect(facts.map(({ value }) => value.publishedAt)).toEqual(dates.toSpliced(4, 1));
    expect(facts[0]).toMatchObject({
      value: {
        ...{
          symbol: "TSLA",
          source: "feeds.finance.yahoo.com",
          itemId: "493b7cb4-2573-3103-92c3-c2cd35c4a7d8",
        },
        url: "https://www.fool.com/investing/2025/07/26/why-tesla-deliveries-could-hit-yet-another-speed/",
      },
    });
    expect(new Set(facts.map(({ id }) => id)).size).toBe(6);
  });

  it("tells nothing when it is read again, and of another company what was not told", () => {
    const known = new KnownStories();
    newsOf("TSLA=Tesla", known);
    expect(newsOf("TSLA=Tesla", known)).toMatchObject({ facts: [], repeated: 6 });
    expect(newsOf("TSLA=Tesla,INTC=Intel", known).facts).toMatchObject([
      { value: { symbol: "INTC" } },
    ]);
  });
});

describe.skipIf(absent)("links from titles to symbols (needs AMC_DATA)", () => {
  it("are those that Yahoo states for its own news", () => {
    const watched =
      "AAPL=Apple,AMZN=Amazon,BABA=Alibaba,BFLY=Butterfly Network,GOOG=Alphabet,GOOG=Google";
    const linksOf = symbolLinker(readWatchList(watched) ?? []);
    let [right, wrong, missed] = [0, 0, 0];
    for (const symbol of ["AAPL", "AMZN", "BABA", "BFLY", "GOOG"]) {
      const file = readFileSync(resolve(FIXTURES, `yahoo-search-${symbol}.json`), "utf8");
      for (const { title, relatedTickers = [] } of JSON.parse(file).response.bodyJson.news) {
        // Yahoo names warrants of a company beside its shares.
        const stated = new Set(relatedTickers.map((ticker: string) => ticker.replace(/-WS$/, "")));
        const links = linksOf({ title, summary: "" });
        right += links.filter((link) => stated.has(link)).length;
        wrong += links.filter((link) => !stated.has(link)).length;
        const wanted = ["AAPL", "AMZN", "BABA", "BFLY", "GOOG"].filter((each) => stated.has(each));
        missed += wanted.filter((each) => !links.includes(each)).length;
      }
    }
    console.info(`symbol links of 20 titles: ${right} right, ${wrong} wrong, ${missed} missed`);
    expect(right / (right + wrong)).toBeGreaterThanOrEqual(0.95);
    expect(right / (right + missed)).toBeGreaterThanOrEqual(0.75);
  });
});

const SEMEVAL = resolve(FIXTURES, "../sentiment/semeval2017-task5-headlines.json");

/** A name without what the register adds to it: headlines say Tesco and Tesco PLC alike. */
function plainName(company: string): string {
  const added = /[ ,]+(?:plc|group|holdings?|inc|ltd|banking|corp|company|billiton|& co)\.?$/i;
  const shorter = company.replace(added, "");
  return shorter === company ? company : plainName(shorter);
}

describe.skipIf(!existsSync(SEMEVAL))("links from 758 titles to 256 names (need AMC_DATA)", () => {
  it("are to companies that people named in them, and most of those", () => {
    const rows: { company: string; title: string }[] = JSON.parse(readFileSync(SEMEVAL, "utf8"));
    const symbols = new Map<string, string>();
    const watched = [...new Set(rows.map(({ company }) => company))].map((company) => {
      const plain = plainName(company).toLowerCase();
      const symbol = symbols.get(plain) ?? `Q${symbols.size.toString(26)}`;
      symbols.set(plain, symbol);
      return { symbol, company, name: plainName(company) };
    });
    const symbolOf = new Map(watched.map(({ company, symbol }) => [company, symbol]));
    const linksOf = symbolLinker(watched);
    let [right, beside, missed] = [0, 0, 0];
    for (const [title, named] of Map.groupBy(rows, (row) => row.title)) {
      const stated = new Set(named.map(({ company }) => symbolOf.get(company)));
      const links = linksOf({ title, summary: "" });
      right += links.filter((link) => stated.has(link)).length;
      beside += links.filter((link) => !stated.has(link)).length;
      missed += stated.size - links.filter((link) => stated.has(link)).length;
    }
    console.info(`symbol links of 758 titles: ${right} right, ${beside} beside, ${missed} missed`);
    // A lower bound of precision: readers named whom a headline praises or blames, not everybody in it,
    // and what stands beside is mostly another company that the title names.
    expect(right / (right + beside)).toBeGreaterThan(0.75);
    expect(right / (right + missed)).toBeGreaterThan(0.85);
  });
});
