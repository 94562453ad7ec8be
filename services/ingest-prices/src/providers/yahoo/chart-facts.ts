import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import type { CapturedProvenance, Provenance } from "@amc/streams/facts/envelope";
import { barFact } from "@amc/streams/facts/price-tick";
import { corporateActionFact } from "@amc/streams/facts/security";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { barTimes } from "../../bar-times.ts";
import type { Chart, ChartBar, ChartSplit } from "./chart.ts";
import { tradedPrice } from "./traded-price.ts";

/**
 * Trades are reported within ten seconds (FINRA Rule 6380A(a)(1)): a minute that ended less long ago may still get
 * volume and another close, and the first statement of a bar is the one that holds.
 */
export const MINUTE_SETTLED_MS = 10_000;

/**
 * Bars and splits of a chart whose range reaches to now. Facts carry prices as traded: what Yahoo
 * divided for later splits is multiplied again, by the splits in the same answer. Bars that have not
 * ended, or whose late trades or extended hours have not, are left out: they will be stated again.
 */
export function chartFacts(chart: Chart, provenance: CapturedProvenance): Collected {
  const { at } = provenance.captured;
  let before = Number.NEGATIVE_INFINITY;
  const bars = collectRows(
    chart.bars,
    () => chart.symbol,
    (bar) => {
      if (bar.startMs <= before) throw new RowRefusal("yahoo.time-order", "a time comes again");
      if (bar.startMs > at) throw new RowRefusal("yahoo.future", "a bar begins after its capture");
      before = bar.startMs;
      return barFacts(chart, bar, provenance);
    },
  );
  const splits = chart.splits.map((split) => splitFact(chart.symbol, split, provenance));
  return { facts: [...splits, ...bars.facts], refused: bars.refused };
}

function barFacts(chart: Chart, bar: ChartBar, provenance: CapturedProvenance): readonly Fact[] {
  const { symbol, intervalMs } = chart;
  const times = barTimes(bar.startMs, intervalMs, "yahoo.date");
  const settledAt = times.publishedAt + (intervalMs === DAY_MS ? 0 : MINUTE_SETTLED_MS);
  if (settledAt > provenance.captured.at) return [];
  const basis = laterSplits(chart.splits, bar.startMs);
  const figures = {
    ...{ symbol, intervalMs, vwap: null, tradeCount: null },
    volumeScope: "CONSOLIDATED",
    ...times,
    ...{ open: tradedPrice(bar.open, basis), high: tradedPrice(bar.high, basis) },
    ...{ low: tradedPrice(bar.low, basis), close: tradedPrice(bar.close, basis) },
    // Yahoo states whole shares of today, so of then there is a part too much or too few.
    volume: Math.round(bar.volume / basis),
  } as const;
  return [barFact(figures, provenance, intervalMs === DAY_MS ? times.publishedAt : 0)];
}

/** New shares for one share of that instant, by all splits after it. */
function laterSplits(splits: readonly ChartSplit[], startMs: number): number {
  return splits.reduce((basis, { atMs, ratio }) => (atMs > startMs ? basis * ratio : basis), 1);
}

/** Known to the world when it takes effect at the latest; Yahoo does not say since when. */
function splitFact(symbol: string, { atMs, ratio }: ChartSplit, provenance: Provenance): Fact {
  const effectiveAt = newYorkToUtc(newYorkDateOf(atMs), "04:00");
  const publishedAt = Math.min(effectiveAt, provenance.captured?.at ?? effectiveAt);
  const figures = { symbol, action: "SPLIT", effectiveAt, publishedAt, ratio } as const;
  return corporateActionFact({ ...figures, newSymbol: null }, provenance);
}
