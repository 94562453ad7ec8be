import type { Layout } from "@amc/platform/text/record-splitter";
import { quoteFact, tradeFact } from "@amc/streams/facts/price-tick";
import { RecordingError } from "../errors.ts";
import { type DelimitedOf, delimitedSource } from "../manifest/delimited-source.ts";
import type { ColumnSpec } from "../manifest/source-fields.ts";
import type { SourceOf } from "../manifest.ts";
import { dayNumberInName, stampReader } from "../time/stamp.ts";
import { type RowMapper, readDelimited } from "./delimited.ts";
import { barRows } from "./price-rows.ts";
import { type SourceContext, type SourceFile, type SourceItems, symbolInName } from "./reader.ts";
import type { Row } from "./row.ts";
import { Ordinals, RowBasics } from "./row-basics.ts";
import type { TextMember } from "./text-members.ts";

/** LEAN writes no header, no quotes, and prices times 10000. */
const LAYOUT: Layout = { delimiter: ",", quote: null, comment: null, skipRows: 0 };
const PRICE_SCALE = 10_000;
const INTERVAL_MS = { second: 1000, minute: 60_000 } as const;
/** `20131007_spy_minute_trade.csv`, `20131008_ibm_Trade_Tick.csv`. */
const MEMBER =
  /^\d{8}_([a-z0-9.]+)_(?:(second|minute)_(?:trade|quote)|(?:trade|quote)_tick)\.csv$/i;

/**
 * Bits of AlgoSeek's trade conditions. Official open and close are broadcasts of the auction's
 * price, some of them repeated: their volume was traded once, in the auction print.
 */
const AUCTION_CONDITIONS = (1 << 6) | (1 << 7) | (1 << 8);
const OFFICIAL_PRICE_CONDITIONS = (1 << 24) | (1 << 26);

const bar = {
  format: "delimited",
  kind: "bar",
  name: "lean",
  path: "lean.zip",
  header: false,
  symbol: "LEAN",
  priceScale: PRICE_SCALE,
  columns: { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 },
} as const;

/** Second and minute trade bars: ms since New York's midnight, stamped with their start. */
export function readLeanTradeBars(
  source: Pick<SourceOf<"lean-trade">, "volumeScope">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const { volumeScope } = source;
  return readLean(file, bar.columns, (member) => {
    const { symbol, resolution } = memberOf(member);
    const interval = resolution === null ? "1m" : INTERVAL_MS[resolution];
    const stamp = { unit: "ms-of-day", marks: "start", timeZone: "America/New_York" };
    const preset = barPreset({ ...bar, interval, volumeScope, stamp });
    return barRows(preset, basicsOf(preset, context, file, symbol), member);
  });
}

/** Daily bars of the regular session, the whole history in one member. */
export function readLeanDaily(
  source: SourceOf<"lean-daily">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const { volumeScope } = source;
  return readLean(file, bar.columns, (member) => {
    const symbol = symbolInName(member.name.replace(/\.csv$/i, ""));
    if (symbol === null) throw unnamed(member, "aapl.csv");
    const stamp = { unit: "wall-clock", pattern: "yyyyMMdd HH:mm" };
    const preset = barPreset({ ...bar, interval: "1d", volumeScope, stamp });
    return barRows(preset, basicsOf(preset, context, file, symbol), member);
  });
}

/** Quote bars: the bid and ask they end with, as a quote at their end. */
export function readLeanQuoteBars(
  source: SourceOf<"lean-quote">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  return readLean(file, { timestamp: 0, bid: 4, ask: 9 }, (member) => {
    const { symbol, resolution } = memberOf(member);
    const intervalMs = INTERVAL_MS[resolution ?? "minute"];
    const read = rowReading(context, member, symbol);
    return (row) => {
      const startMs = read(row);
      if (startMs === null) return null;
      const bid = row.optionalNumber("bid") ?? 0;
      const ask = row.optionalNumber("ask") ?? 0;
      if (bid === 0 || ask === 0) return { skip: "quote.one-sided" };
      const at = startMs + intervalMs;
      return quoteFact(
        {
          symbol,
          happenedAt: at,
          publishedAt: at,
          bid: bid / PRICE_SCALE,
          ask: ask / PRICE_SCALE,
          volumeScope: source.volumeScope,
          sequence: 0,
        },
        context.provenance,
      );
    };
  });
}

/** Trades one by one: ms, price, size, exchange, condition bits in hex, suspicious. */
export function readLeanTradeTicks(
  source: SourceOf<"lean-trade-tick">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const columns = { timestamp: 0, price: 1, volume: 2, condition: 4, suspicious: 5 };
  return readLean(file, columns, (member) => {
    const { symbol } = memberOf(member);
    const read = rowReading(context, member, symbol);
    const ordinals = new Ordinals();
    return (row) => {
      const at = read(row);
      if (at === null) return null;
      const sequence = ordinals.next(symbol, at);
      const conditions = Number.parseInt(row.text("condition"), 16) | 0;
      if (row.text("suspicious") !== "0") return { skip: "trade.suspicious" };
      if ((conditions & OFFICIAL_PRICE_CONDITIONS) !== 0) return { skip: "trade.official-price" };
      return tradeFact(
        {
          symbol,
          happenedAt: at,
          publishedAt: at,
          price: row.number("price") / PRICE_SCALE,
          volume: row.number("volume"),
          volumeScope: source.volumeScope,
          auction: (conditions & AUCTION_CONDITIONS) !== 0,
          sequence,
        },
        context.provenance,
      );
    };
  });
}

/**
 * Quotes of each exchange: ms, bid, size, ask, size, exchange, condition, suspicious. 0 is a side
 * that did not change, so the exchange's last known one stands.
 */
export function readLeanQuoteTicks(
  source: SourceOf<"lean-quote-tick">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const columns = { timestamp: 0, bid: 1, ask: 3, exchange: 5, suspicious: 7 };
  return readLean(file, columns, (member) => {
    const { symbol } = memberOf(member);
    const read = rowReading(context, member, symbol);
    const ordinals = new Ordinals();
    const sides = new Map<string, { bid: number; ask: number }>();
    return (row) => {
      const at = read(row);
      if (at === null) return null;
      const sequence = ordinals.next(symbol, at);
      if (row.text("suspicious") !== "0") return { skip: "quote.suspicious" };
      const exchange = row.text("exchange");
      const side = sides.get(exchange) ?? { bid: 0, ask: 0 };
      sides.set(exchange, side);
      side.bid = row.number("bid") || side.bid;
      side.ask = row.number("ask") || side.ask;
      if (side.bid === 0 || side.ask === 0) return { skip: "quote.one-sided" };
      return quoteFact(
        {
          symbol,
          happenedAt: at,
          publishedAt: at,
          bid: side.bid / PRICE_SCALE,
          ask: side.ask / PRICE_SCALE,
          volumeScope: source.volumeScope,
          sequence,
        },
        context.provenance,
      );
    };
  });
}

function readLean(
  file: SourceFile,
  columns: Readonly<Record<string, ColumnSpec>>,
  mapper: (member: TextMember) => RowMapper,
): SourceItems {
  return readDelimited(file, LAYOUT, false, () => ({
    columns,
    nullValues: [""],
    thousands: null,
    decimal: ".",
    topic: "market.price-tick.v1",
    mapper,
  }));
}

/** The instant of a row's stamp, null when the row is not wanted. */
function rowReading(
  context: SourceContext,
  member: TextMember,
  symbol: string,
): (row: Row) => number | null {
  const { fromMs, toMs } = context.range;
  const isWanted = context.wants(symbol);
  const day = dayNumberInName(member.name);
  const read = stampReader({ unit: "ms-of-day" }, "America/New_York", day);
  return (row) => {
    if (!isWanted) return null;
    const { epochMs } = read(row.text("timestamp"), row.columnOf("timestamp"));
    return epochMs >= fromMs && epochMs <= toMs ? epochMs : null;
  };
}

interface LeanMember {
  readonly symbol: string;
  /** null for ticks. */
  readonly resolution: "second" | "minute" | null;
}

function memberOf(member: TextMember): LeanMember {
  const match = MEMBER.exec(member.name);
  const symbol = symbolInName(match?.[1] ?? "");
  if (match === null || symbol === null) throw unnamed(member, "20131007_spy_minute_trade.csv");
  const resolution = match[2]?.toLowerCase();
  return {
    symbol,
    resolution: resolution === "second" || resolution === "minute" ? resolution : null,
  };
}

function unnamed(member: TextMember, example: string): RecordingError {
  const message = `${member.label} is not named as LEAN names its files, for example ${example}`;
  return new RecordingError("recording.source-unreadable", message, { path: member.label });
}

function barPreset(fields: unknown): DelimitedOf<"bar"> {
  const source = delimitedSource.parse(fields);
  if (source.kind === "bar") return source;
  throw new TypeError("preset is no bar source");
}

function basicsOf(
  preset: DelimitedOf<"bar">,
  context: SourceContext,
  file: SourceFile,
  symbol: string,
): RowBasics {
  return new RowBasics({ ...preset, symbol }, context, file);
}
