import { type Fact, factId } from "../kernel/fact.ts";
import { uuidOf } from "../kernel/ids.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { publicationOfDateOnlyItem } from "../market/sessions.ts";
import { envelope, type Provenance } from "./envelope.ts";

export interface NewsFigures {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly headline: string;
  /** Identity at the source; null makes one out of the headline. */
  readonly itemId: string | null;
  readonly url: string | null;
  readonly isDateOnly: boolean;
  /** -1 to 1 as the source states it; always null for curated text. */
  readonly polarity: number | null;
  readonly credibility: number | null;
  readonly eventAt: number | null;
}

export function newsFact(news: NewsFigures, provenance: Provenance): Fact {
  const { symbol, happenedAt, publishedAt, headline } = news;
  const itemId = news.itemId ?? uuidOf(headline);
  return {
    topic: "market.news.v1",
    id: factId(provenance, symbol, "news", happenedAt, itemId),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, "news"),
      itemId,
      headline,
      url: news.url,
      timePrecision: news.isDateOnly ? "DAY" : "INSTANT",
      polarity: news.polarity,
      credibility: news.credibility,
      eventAt: news.eventAt,
    },
  };
}

/**
 * The times of an item that states only a date: it speaks of that day from 00:00 ET on, and counts
 * as public from 04:00 ET of the next trading day (domain-facts §0).
 */
export function dateOnlyTimes(date: string): { happenedAt: number; publishedAt: number } {
  return { happenedAt: newYorkToUtc(date, "00:00"), publishedAt: publicationOfDateOnlyItem(date) };
}
