import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { shapedRow, statedText } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { barFact, quoteFact } from "@amc/streams/facts/price-tick";
import type { Fact } from "@amc/streams/kernel/fact";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { z } from "zod";
import { AGGREGATE, barOf, checkHeard, DATE_REFUSED, SCOPE, symbolOf } from "./aggregate.ts";
import { readAnswer, unreadable } from "./answer.ts";

const NANOSECONDS_PER_MS = 1e6;
const ANSWER = z.object({ count: z.int().nullish(), tickers: z.array(z.unknown()) });

/** A part that has seen no trade yet today is all zero, its time too. */
const MINUTE = AGGREGATE.extend({ t: z.int().nonnegative() });
const QUOTE = z.object({
  /** Bid and ask, USD. */
  p: z.number(),
  P: z.number(),
  /** Unix ns; beyond 2^53, which costs less than a microsecond. */
  t: z.number().positive(),
});
const TICKER = z.object({
  ticker: z.string(),
  min: z.unknown().optional(),
  lastQuote: z.unknown().optional(),
});

/** Tickers of a snapshot. Throws `provider.unreadable`, also when fewer came than it states. */
export function readSnapshot(http: HttpAnswer): readonly unknown[] {
  const { count, tickers } = readAnswer(http, ANSWER);
  if (typeof count === "number" && count !== tickers.length) {
    throw unreadable(`it has ${tickers.length} tickers and states ${count}`);
  }
  return tickers;
}

/**
 * The newest minute that has ended and the newest quote of each ticker, each stated and refused by
 * itself. `asked` is null for the whole market.
 */
export function snapshotFacts(
  tickers: readonly unknown[],
  asked: ReadonlySet<string> | null,
  provenance: CapturedProvenance,
): Collected {
  const bySymbol = Map.groupBy(tickers, (ticker) => statedText(ticker, "ticker"));
  return collectRows(
    tickers.flatMap((ticker) => [minuteOf, quoteOf].map((part) => ({ ticker, part }))),
    ({ ticker }) => statedText(ticker, "ticker"),
    ({ ticker, part }) => {
      const row = shapedRow(TICKER, ticker, "polygon.shape");
      const symbol = symbolOf(row.ticker);
      if (asked !== null && !asked.has(symbol)) {
        throw new RowRefusal("polygon.other-symbol", "was not asked for");
      }
      // Which of the two holds, nobody can say.
      if (bySymbol.get(row.ticker)?.length !== 1) {
        throw new RowRefusal("polygon.repeated", "the symbol comes again");
      }
      return part(symbol, row, provenance);
    },
  );
}

type Ticker = z.output<typeof TICKER>;

function minuteOf(symbol: string, { min }: Ticker, provenance: CapturedProvenance): Fact[] {
  if (min === undefined || min === null) return [];
  const minute = shapedRow(MINUTE, min, "polygon.shape");
  if (minute.t === 0 && minute.v === 0) return [];
  const { t } = shapedRow(AGGREGATE, min, "polygon.shape");
  const { at } = provenance.captured;
  checkHeard(t, at);
  if (t % MINUTE_MS !== 0) throw new RowRefusal(DATE_REFUSED, "min.t is not a whole minute");
  const bar = barOf(symbol, minute, t, MINUTE_MS);
  return bar.publishedAt > at ? [] : [barFact(bar, provenance)];
}

function quoteOf(symbol: string, { lastQuote }: Ticker, provenance: CapturedProvenance): Fact[] {
  if (lastQuote === undefined || lastQuote === null) return [];
  const { p: bid, P: ask, t } = shapedRow(QUOTE, lastQuote, "polygon.shape");
  // One side without orders is written as 0.
  if (bid === 0 || ask === 0) return [];
  if (bid > ask) throw new RowRefusal("polygon.crossed", `bid ${bid} is above ask ${ask}`);
  const at = Math.floor(t / NANOSECONDS_PER_MS);
  checkHeard(at, provenance.captured.at);
  const quote = { symbol, happenedAt: at, publishedAt: at, bid, ask, volumeScope: SCOPE };
  return [quoteFact({ ...quote, sequence: t }, provenance)];
}
