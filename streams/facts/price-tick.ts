import type { TickKind, VolumeScope } from "@amc/schemas/generated/events";
import { type Fact, factId } from "../kernel/fact.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { envelope, type Provenance } from "./envelope.ts";

export interface BarFigures {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly intervalMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly volumeScope: VolumeScope;
  readonly vwap: number | null;
  readonly tradeCount: number | null;
}

/**
 * A bar as one price tick. A bad print stays: the features stage marks it suspect. `vintage` is the
 * publication time of a bar that may be stated again with other figures, 0 for all others.
 */
export function barFact(bar: BarFigures, provenance: Provenance, vintage = 0): Fact {
  return tick("BAR", bar, { bid: null, ask: null, auction: false }, provenance, vintage);
}

export interface TradeFigures {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly price: number;
  readonly volume: number;
  readonly volumeScope: VolumeScope;
  readonly auction: boolean;
  readonly sequence: number | string;
}

export function tradeFact(trade: TradeFigures, provenance: Provenance): Fact {
  const bar = singlePrice(trade, trade.price, trade.volume);
  const sides = { bid: null, ask: null, auction: trade.auction };
  return tick("TRADE", { ...bar, tradeCount: 1 }, sides, provenance, trade.sequence);
}

export interface QuoteFigures {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly bid: number;
  readonly ask: number;
  readonly volumeScope: VolumeScope;
  readonly sequence: number | string;
}

/** A two-sided quote: its prices are the middle of bid and ask, and nothing was traded. */
export function quoteFact(quote: QuoteFigures, provenance: Provenance): Fact {
  const { bid, ask } = quote;
  const bar = singlePrice(quote, (bid + ask) / 2, 0);
  return tick("QUOTE", bar, { bid, ask, auction: false }, provenance, quote.sequence);
}

function singlePrice(
  at: Pick<BarFigures, "symbol" | "happenedAt" | "publishedAt" | "volumeScope">,
  price: number,
  volume: number,
): BarFigures {
  return {
    symbol: at.symbol,
    happenedAt: at.happenedAt,
    publishedAt: at.publishedAt,
    intervalMs: 0,
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
    volumeScope: at.volumeScope,
    vwap: null,
    tradeCount: null,
  };
}

function tick(
  kind: TickKind,
  bar: BarFigures,
  sides: { readonly bid: number | null; readonly ask: number | null; readonly auction: boolean },
  provenance: Provenance,
  sequence: number | string,
): Fact {
  const { symbol, happenedAt, publishedAt, intervalMs } = bar;
  const what = `${kind.toLowerCase()}/${intervalMs}`;
  const shelf = intervalMs >= DAY_MS ? "dailyBars" : "sessionTicks";
  return {
    topic: "market.price-tick.v1",
    id: factId(provenance, symbol, what, happenedAt, sequence),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, shelf),
      kind,
      intervalMs,
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      volume: bar.volume,
      volumeScope: bar.volumeScope,
      vwap: bar.vwap,
      tradeCount: bar.tradeCount,
      bid: sides.bid,
      ask: sides.ask,
      auction: sides.auction,
    },
  };
}
