import { RowRefusal } from "@amc/platform/http/collected";
import { CLOCK_SKEW_MS } from "@amc/schemas/domain-checks";
import type { VolumeScope } from "@amc/schemas/generated/events";
import type { BarFigures } from "@amc/streams/facts/price-tick";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { z } from "zod";
import { barTimes } from "../../bar-times.ts";

/** Polygon's bars are made of the consolidated tape. */
export const SCOPE: VolumeScope = "CONSOLIDATED";
export const DATE_REFUSED = "polygon.date";

/** UTC ms up to 2100: a stamp in seconds or nanoseconds is refused by name. */
const INSTANT = z.int().min(1e11).max(4_102_444_800_000);

/** Figures of one bar, as the aggregates, the grouped days and the snapshots all state them. */
export const AGGREGATE = z.object({
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
  /** Volume-weighted average price; left out where nothing that counts for it was traded. */
  vw: z.number().nullish(),
  /** Trades. */
  n: z.int().nullish(),
  t: INSTANT,
});
export type Aggregate = z.output<typeof AGGREGATE>;

/** Throws RowRefusal `polygon.future` for what is said to have happened after its answer came. */
export function checkHeard(atMs: number, capturedAt: number): void {
  if (atMs <= capturedAt + CLOCK_SKEW_MS) return;
  throw new RowRefusal("polygon.future", "t lies after its capture");
}

/** The bar of `symbol` that begins at `startMs`. Throws RowRefusal for a day without a session. */
export function barOf(
  symbol: string,
  aggregate: Aggregate,
  startMs: number,
  intervalMs: number,
): BarFigures {
  const { o, h, l, c, v, vw, n } = aggregate;
  return {
    ...{ symbol, intervalMs, volumeScope: SCOPE },
    ...barTimes(startMs, intervalMs, DATE_REFUSED),
    ...{ open: o, high: h, low: l, close: c, volume: v },
    ...{ vwap: vw ?? null, tradeCount: n ?? null },
  };
}

/** Publication tells the vintages of a day apart; a minute has one. */
export function vintageOf({ intervalMs, publishedAt }: BarFigures): number {
  return intervalMs === DAY_MS ? publishedAt : 0;
}

/** Throws RowRefusal `polygon.symbol` for warrants, units, preferred shares and what is no symbol. */
export function symbolOf(text: string): string {
  const symbol = canonicalSymbol(text);
  if (symbol !== null) return symbol;
  throw new RowRefusal("polygon.symbol", "is no symbol of an equity");
}
