import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import type { SpoiledKind } from "../failure-kinds.ts";
import type { MockMarket } from "../market/mock-market.ts";
import { noiseOf } from "../market/noise.ts";
import { type MockAnswer, type MockRequest, NOT_FOUND } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";

/** Days that a feed reaches back, and when its headlines come out, ET. */
const DAYS = 3;
const TIMES = ["08:30", "11:15", "15:05"] as const;
/** Made up for this mock; each names its company by its exchange, as press releases do. */
const HEADLINES = [
  "(NASDAQ: SYM) raises full-year guidance after record quarter",
  "(NASDAQ: SYM) shares surge as short sellers rush to cover",
  "(NASDAQ: SYM) wins major contract and expands buyback",
  "(NASDAQ: SYM) announces date of annual meeting",
  "(NASDAQ: SYM) misses estimates and cuts outlook",
] as const;

/** Feeds of headlines, one per symbol: `/rss/2.0/headline?s=GME`. */
export function mockRss(market: MockMarket, nowMs: () => number): MockProvider {
  const answer = ({ url }: MockRequest): MockAnswer => {
    if (!url.pathname.endsWith("/headline")) return NOT_FOUND;
    const asked = (url.searchParams.get("s") ?? "").split(",");
    const items = asked
      .filter((symbol) => market.has(symbol))
      .flatMap((symbol) => storiesOf(symbol, nowMs()));
    return { status: 200, type: "application/rss+xml", body: feedOf(items) };
  };
  return { answer, spoil };
}

/** A made-up story, whoever tells it. */
export interface MockStory {
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
}

/** Newest first. */
export function storiesOf(symbol: string, nowMs: number): readonly MockStory[] {
  const today = newYorkDateOf(nowMs);
  const items: MockStory[] = [];
  for (let back = 0; back < DAYS; back += 1) {
    const date = tradingDayAtOrBefore(addDays(today, -back));
    const noise = noiseOf(`${symbol} news ${date}`);
    for (const [at, time] of TIMES.entries()) {
      const atMs = newYorkToUtc(date, time);
      const headline = HEADLINES[Math.floor(noise(at) * HEADLINES.length)] ?? HEADLINES[0];
      if (atMs > nowMs) continue;
      const title = `Mock ${symbol} ${headline.replace("SYM", symbol)}`;
      items.push({ id: `mock-${symbol}-${new Date(atMs).toISOString()}`, atMs, title });
    }
  }
  const byTime = new Map(items.map((item) => [item.atMs, item]));
  return [...byTime.values()].sort((a, b) => b.atMs - a.atMs);
}

function feedOf(items: readonly MockStory[]): string {
  const body = items.map(({ id, atMs, title }) => {
    const date = new Date(atMs).toUTCString();
    return `<item><title>${title}</title><pubDate>${date}</pubDate><guid isPermaLink="false">${id}</guid></item>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Mock headlines</title><language>en-US</language>
${body.join("\n")}
</channel></rss>`;
}

function spoil(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(good, /<title>Mock \S+ \(NASDAQ: [^)]*\)/g, "<title>Mock WRNG (NASDAQ: WRNG)");
    case "no numbers":
      return edited(good, /<pubDate>[^<]*/g, "<pubDate>NaN");
    case "negative":
      return edited(good, /<pubDate>[^<]*/g, "<pubDate>-1757325600");
    case "of the future":
      return edited(good, /(<pubDate>[^<]*)20\d\d/g, (text) => text.replace(/20\d\d$/, "2098"));
    case "the same time again":
      return edited(
        good,
        /<item>.*<\/item>/,
        (item) => `${item}${item.replace("<title>", "<title>Again: ")}`,
      );
  }
}
