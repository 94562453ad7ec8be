import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { shapedRow } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { barFact } from "@amc/streams/facts/price-tick";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { z } from "zod";
import {
  AGGREGATE,
  type Aggregate,
  barOf,
  checkHeard,
  DATE_REFUSED,
  vintageOf,
} from "./aggregate.ts";
import { readAnswer, unreadable } from "./answer.ts";

/** What bars are asked for. */
export interface BarRange {
  readonly symbol: string;
  readonly intervalMs: typeof MINUTE_MS | typeof DAY_MS;
  /** New York dates `yyyy-mm-dd`, both included. */
  readonly from: string;
  readonly to: string;
}

/** One page of the bars of a symbol. */
export interface BarPage {
  readonly rows: readonly unknown[];
  /** Where the next page is; null for the last one. */
  readonly next: string | null;
}

const ANSWER = z.object({
  ticker: z.string(),
  adjusted: z.boolean(),
  resultsCount: z.int(),
  results: z.array(z.unknown()).default([]),
  next_url: z.string().nullish(),
});

/**
 * A page of bars as traded. Throws `provider.unreadable` for another symbol, for prices that were
 * divided for later splits and for an answer with more or fewer rows than it states.
 */
export function readBarPage(http: HttpAnswer, asked: string): BarPage {
  const { ticker, adjusted, resultsCount, results, next_url } = readAnswer(http, ANSWER);
  if (ticker !== asked) throw unreadable(`it is about ${ticker.slice(0, 20)}, not ${asked}`);
  if (adjusted) throw unreadable("its prices are adjusted, asked was for adjusted=false");
  if (resultsCount !== results.length) {
    throw unreadable(`it has ${results.length} results and states ${resultsCount}`);
  }
  return { rows: results, next: next_url ?? null };
}

/**
 * Facts of one page. `after` is the start of the last bar of the page before, UTC ms: bars ascend over
 * all pages. Bars that have not ended, or whose extended hours have not, are left out: they will be
 * stated again.
 */
export function barPageFacts(
  rows: readonly unknown[],
  range: BarRange,
  after: number,
  provenance: CapturedProvenance,
): Collected & { readonly lastStartMs: number } {
  let lastStartMs = after;
  const collected = collectRows(
    rows,
    () => range.symbol,
    (row) => {
      const aggregate = shapedRow(AGGREGATE, row, "polygon.shape");
      checkStart(aggregate, range, lastStartMs, provenance.captured.at);
      lastStartMs = aggregate.t;
      return endedBar(aggregate, range, provenance);
    },
  );
  return { ...collected, lastStartMs };
}

function endedBar(
  aggregate: Aggregate,
  { symbol, intervalMs }: BarRange,
  provenance: CapturedProvenance,
): readonly Fact[] {
  const bar = barOf(symbol, aggregate, aggregate.t, intervalMs);
  if (bar.publishedAt > provenance.captured.at) return [];
  return [barFact(bar, provenance, vintageOf(bar))];
}

/** Throws RowRefusal for a start that no bar of this question has. */
function checkStart(
  { t }: Aggregate,
  { intervalMs, from, to }: BarRange,
  before: number,
  capturedAt: number,
): void {
  if (t <= before) {
    throw new RowRefusal("polygon.time-order", "t comes again or goes back; ask for sort=asc");
  }
  checkHeard(t, capturedAt);
  const date = newYorkDateOf(t);
  if (date < from || date > to) {
    throw new RowRefusal("polygon.other-date", `is of ${date}, asked was ${from} to ${to}`);
  }
  const startMs = intervalMs === DAY_MS ? newYorkToUtc(date, "00:00") : t - (t % MINUTE_MS);
  if (t !== startMs) {
    const wanted = intervalMs === DAY_MS ? "midnight in New York" : "a whole minute";
    throw new RowRefusal(DATE_REFUSED, `t is not ${wanted}`);
  }
}
