import { z } from "zod";
import { commonFields, symbol, volumeScope } from "./source-fields.ts";
import { interval } from "./time-fields.ts";

const MINUTE_MS = 60_000;

const lean = <Format extends string>(format: Format, text: string) => ({
  ...commonFields,
  format: z.literal(format).describe(text),
});

const leanScope = volumeScope.default("CONSOLIDATED");

export const leanTrade = z
  .strictObject({
    ...lean("lean-trade", "LEAN second or minute trade bars: yyyymmdd_trade.zip"),
    volumeScope: leanScope,
  })
  .describe("LEAN trade bars");

export const leanQuote = z
  .strictObject({
    ...lean(
      "lean-quote",
      "LEAN second or minute quote bars: yyyymmdd_quote.zip; the bid and ask they end with",
    ),
    volumeScope: leanScope,
  })
  .describe("LEAN quote bars");

export const leanDaily = z
  .strictObject({
    ...lean("lean-daily", "LEAN daily trade bars: aapl.zip with the whole history"),
    volumeScope: volumeScope.default("REGULAR"),
  })
  .describe("LEAN daily bars; their volume is that of the regular session");

export const leanTradeTick = z
  .strictObject({
    ...lean("lean-trade-tick", "LEAN trades one by one: yyyymmdd_trade.zip"),
    volumeScope: leanScope,
  })
  .describe("LEAN trades");

export const leanQuoteTick = z
  .strictObject({
    ...lean("lean-quote-tick", "LEAN quotes of each exchange: yyyymmdd_quote.zip"),
    volumeScope: volumeScope.default("VENUE"),
  })
  .describe("LEAN quotes");

export const leanOption = z
  .strictObject({
    ...lean(
      "lean-option",
      "LEAN option minutes of one underlying: the glob finds yyyymmdd_{trade,quote,openinterest}_american.zip",
    ),
    symbol: symbol.describe("Symbol of the underlying"),
    underlying: z
      .string()
      .min(1)
      .optional()
      .describe("Glob of LEAN trade-bar zips of the underlying, for its price"),
    every: interval
      .default(15 * MINUTE_MS)
      .describe("Time between two snapshots of the regular session"),
  })
  .describe("LEAN options as snapshots of the nearest expiry");

export const leanFactor = z
  .strictObject({
    ...lean("lean-factor", "LEAN factor file aapl_factor.csv: its splits"),
  })
  .describe("LEAN factor files; dividends are passed over");

export const finraPipe = z
  .strictObject({
    ...commonFields,
    format: z
      .literal("finra-pipe")
      .describe("FINRA's own files: CNMSshvol*.txt (daily short volume) or shrt*.csv"),
  })
  .describe("FINRA files as published; the header says which of the two it is");

export const datedEvents = z
  .strictObject({
    ...commonFields,
    format: z
      .literal("dated-events")
      .describe('JSON of curated events: {"2021-01-11": [{"headline", "source"}]}'),
    symbol: symbol.describe("Symbol the events are about"),
  })
  .describe("Curated events with a date and no time");
