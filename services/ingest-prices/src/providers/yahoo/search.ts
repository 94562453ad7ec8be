import { collectRows, type Refused, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { shapedRow } from "@amc/platform/http/row-shape";
import { checkHeard } from "@amc/schemas/domain-checks";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { z } from "zod";

/** A story that Yahoo's search lists. */
export interface YahooHeadline {
  readonly id: string;
  readonly title: string;
  readonly link: string | null;
  /** UTC ms. */
  readonly publishedAt: number;
  /** The companies that Yahoo says it is about. */
  readonly symbols: readonly string[];
}

export interface YahooSearch {
  readonly headlines: readonly YahooHeadline[];
  readonly refused: readonly Refused[];
}

const TICKERS_MAX = 100;
const ANSWER = z.object({ news: z.array(z.unknown()).max(1_000) });
const ROW = z.object({
  uuid: z.string().min(1).max(100),
  title: z.string().min(1).max(2_000),
  link: z.string().nullish(),
  providerPublishTime: z.int().positive().max(4_102_444_800),
  relatedTickers: z.array(z.string()).max(TICKERS_MAX).default([]),
});

/**
 * The stories of a search that was captured at `at`, UTC ms. Throws `provider.unreadable` for another
 * shape, and for one most of whose stories say nothing or not when.
 */
export function readSearch(answer: HttpAnswer, at: number): YahooSearch {
  const parsed = ANSWER.safeParse(readJson(answer));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const reason = `${issue?.path.join(".")}: ${issue?.message}`;
    throw new ProviderError("provider.unreadable", `the answer is no list of stories: ${reason}`);
  }
  const headlines: YahooHeadline[] = [];
  const { refused } = collectRows(
    parsed.data.news,
    () => null,
    (raw) => {
      const { uuid, title, link, ...row } = shapedRow(ROW, raw, "yahoo.news-shape");
      const publishedAt = row.providerPublishTime * 1000;
      const found = checkHeard(publishedAt, at, "providerPublishTime");
      if (found !== null) throw new RowRefusal(found.code, found.message);
      const symbols = row.relatedTickers.flatMap((ticker) => canonicalSymbol(ticker) ?? []);
      headlines.push({ id: uuid, title, link: link ?? null, publishedAt, symbols });
      return [];
    },
  );
  return { headlines, refused };
}
