import { collectRows, type Refused, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { shapedRow } from "@amc/platform/http/row-shape";
import { checkHeard } from "@amc/schemas/domain-checks";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { z } from "zod";
import { readAnswer } from "./answer.ts";

/** A story that Alpha Vantage lists. */
export interface AlphaVantageHeadline {
  readonly id: string;
  readonly title: string;
  readonly link: string;
  /** UTC ms. */
  readonly publishedAt: number;
  /** The companies that Alpha Vantage says it is about. */
  readonly symbols: readonly string[];
}

export interface AlphaVantageNews {
  readonly headlines: readonly AlphaVantageHeadline[];
  readonly refused: readonly Refused[];
}

const STORIES_MAX = 1_000;
const TICKERS_MAX = 100;
/**
 * Of 0 to 1, from which a story is about a company and does not merely name it. Half of what there is: how Alpha
 * Vantage comes to its figure it does not document, and none of its answers is recorded here to measure it on.
 */
const RELEVANCE_MIN = 0.5;
/** `20250905T101500`; Alpha Vantage names no zone, and its filters are commonly taken for UTC. */
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/;

const ANSWER = z.object({ feed: z.array(z.unknown()).max(STORIES_MAX) });
const ROW = z.object({
  title: z.string().min(1).max(2_000),
  url: z.url({ protocol: /^https?$/ }).max(2_048),
  time_published: z.string().regex(TIME, "must be a time such as 20250905T101500"),
  ticker_sentiment: z
    .array(
      z.object({
        ticker: z.string(),
        relevance_score: z
          .string()
          .regex(/^[01](\.\d+)?$/, "must be 0 to 1")
          .transform(Number),
      }),
    )
    .max(TICKERS_MAX)
    .default([]),
});

/** Throws RowRefusal for a day that there is not. */
function instantOf(time: string): number {
  const iso = time.replace(TIME, "$1-$2-$3T$4:$5:$6");
  const atMs = Date.parse(`${iso}Z`);
  // The 31st of February would be the third of March.
  if (!Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(iso)) return atMs;
  throw new RowRefusal("alpha-vantage.news-shape", "time_published is no instant");
}

/**
 * The stories of `NEWS_SENTIMENT`, captured at `at`, UTC ms. Its sentiment is left out: that of a headline is
 * what this project has measured, whoever lists it. Throws `provider.unreadable` for another shape, and
 * for one most of whose stories say nothing or not when.
 */
export function readNews(http: HttpAnswer, at: number): AlphaVantageNews {
  const { feed } = readAnswer(http, ANSWER);
  const headlines: AlphaVantageHeadline[] = [];
  const { refused } = collectRows(
    feed,
    () => null,
    (raw) => {
      const { title, url, ...row } = shapedRow(ROW, raw, "alpha-vantage.news-shape");
      const publishedAt = instantOf(row.time_published);
      const found = checkHeard(publishedAt, at, "time_published");
      if (found !== null) throw new RowRefusal(found.code, found.message);
      const symbols = row.ticker_sentiment
        .filter(({ relevance_score: relevance }) => relevance >= RELEVANCE_MIN)
        .flatMap(({ ticker }) => canonicalSymbol(ticker) ?? []);
      headlines.push({ id: url, title, link: url, publishedAt, symbols });
      return [];
    },
  );
  return { headlines, refused };
}
