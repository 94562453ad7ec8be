import { barFact, quoteFact, tradeFact } from "@amc/streams/facts/price-tick";
import { DAY_MS, dateOfDayNumber } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { RowError } from "../facts/row-error.ts";
import { checkInstant } from "../facts/values.ts";
import type { DelimitedOf } from "../manifest/delimited-source.ts";
import { publicationOfDate } from "../time/publication.ts";
import { dayNumberInName, type StampReading, stampReader } from "../time/stamp.ts";
import { zonedClock } from "../time/zoned-clock.ts";
import type { RowMapper } from "./delimited.ts";
import type { Row } from "./row.ts";
import { Ordinals, type RowBasics } from "./row-basics.ts";
import type { TextMember } from "./text-members.ts";

type Timed = DelimitedOf<"bar"> | DelimitedOf<"trade"> | DelimitedOf<"quote">;

export function barRows(
  source: DelimitedOf<"bar">,
  basics: RowBasics,
  member: TextMember,
): RowMapper {
  const readStamp = stampOf(source, basics, member);
  const isDaily = source.interval === DAY_MS;
  const dayOf = dayReader(source, basics);
  const { priceScale, volumeUnit, interval, volumeScope } = source;
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const reading = readStamp(row);
    const day = isDaily ? dayOf(row, reading) : null;
    const isInRange = day === null ? basics.isInRange(reading.epochMs) : basics.isDateInRange(day);
    if (!isInRange) return null;
    const happenedAt = day === null ? endOfBar(source, reading, row) : endOfDay(source, day);
    const date = day ?? newYorkDateOf(happenedAt - interval);
    const ratio = splitRatio(source.unadjust, date);
    const price = (field: string): number => (row.number(field) / priceScale) * ratio;
    const vwap = row.optionalNumber("vwap");
    const implied = happenedAt + source.delayMs;
    const publishedAt = basics.publishedAt(row, happenedAt, implied);
    // A day told again later is another vintage, which supersedes; a minute told again is a conflict,
    // since the sums of its session cannot give back what they have taken.
    const vintage = isDaily && publishedAt !== implied ? publishedAt : 0;
    return barFact(
      {
        symbol,
        happenedAt,
        publishedAt,
        intervalMs: interval,
        open: price("open"),
        high: price("high"),
        low: price("low"),
        close: price("close"),
        volume: (row.number("volume") * volumeUnit) / ratio,
        volumeScope,
        vwap: vwap === null ? null : (vwap / priceScale) * ratio,
        tradeCount: row.optionalCount("tradeCount"),
      },
      basics.context.provenance,
      vintage,
    );
  };
}

export function tradeRows(
  source: DelimitedOf<"trade">,
  basics: RowBasics,
  member: TextMember,
): RowMapper {
  const readStamp = stampOf(source, basics, member);
  const ordinals = new Ordinals();
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const { epochMs } = readStamp(row);
    const ordinal = ordinals.next(symbol, epochMs);
    if (!basics.isInRange(epochMs)) return null;
    const happenedAt = checkInstant(epochMs, "stamp", row.columnOf("timestamp"));
    const ratio = splitRatio(source.unadjust, newYorkDateOf(happenedAt));
    return tradeFact(
      {
        symbol,
        happenedAt,
        publishedAt: basics.publishedAt(row, happenedAt, happenedAt + source.delayMs),
        price: (row.number("price") / source.priceScale) * ratio,
        volume: (row.number("volume") * source.volumeUnit) / ratio,
        volumeScope: source.volumeScope,
        auction: false,
        sequence: row.optional("sequence") ?? ordinal,
      },
      basics.context.provenance,
    );
  };
}

export function quoteRows(
  source: DelimitedOf<"quote">,
  basics: RowBasics,
  member: TextMember,
): RowMapper {
  const readStamp = stampOf(source, basics, member);
  const ordinals = new Ordinals();
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const { epochMs } = readStamp(row);
    const ordinal = ordinals.next(symbol, epochMs);
    if (!basics.isInRange(epochMs)) return null;
    const happenedAt = checkInstant(epochMs, "stamp", row.columnOf("timestamp"));
    const bid = row.optionalNumber("bid") ?? 0;
    const ask = row.optionalNumber("ask") ?? 0;
    // 0 is how feeds write "no such side"; half a quote has no middle.
    if (bid === 0 || ask === 0) return { skip: "quote.one-sided" };
    return quoteFact(
      {
        symbol,
        happenedAt,
        publishedAt: basics.publishedAt(row, happenedAt, happenedAt + source.delayMs),
        bid: bid / source.priceScale,
        ask: ask / source.priceScale,
        volumeScope: source.volumeScope,
        sequence: row.optional("sequence") ?? ordinal,
      },
      basics.context.provenance,
    );
  };
}

function stampOf(source: Timed, basics: RowBasics, member: TextMember): (row: Row) => StampReading {
  const fileDay = dayNumberInName(member.name);
  const read = stampReader(source.stamp, basics.context.timeZone, fileDay);
  return (row) => read(row.text("timestamp"), row.columnOf("timestamp"));
}

function endOfBar(source: DelimitedOf<"bar">, reading: StampReading, row: Row): number {
  const endMs = reading.epochMs + (source.stamp.marks === "start" ? source.interval : 0);
  return checkInstant(endMs, "stamp", row.columnOf("timestamp"));
}

/** The trading date that the stamp of a daily bar means. */
function dayReader(
  source: DelimitedOf<"bar">,
  basics: RowBasics,
): (row: Row, reading: StampReading) => string {
  const { unit, marks, timeZone = basics.context.timeZone } = source.stamp;
  const clock = zonedClock(timeZone);
  const isEpoch = unit === "s" || unit === "ms" || unit === "us" || unit === "ns";
  return (row, { epochMs, dayNumber, hasTime }) => {
    if (marks === "end" && hasTime) {
      // The end of a day may lie at midnight or after it, in UTC at least.
      return dateOfDayNumber(Math.floor((epochMs - 1 + clock.offsetMs(epochMs - 1)) / DAY_MS));
    }
    // Midnight in UTC is the evening before in New York: every bar would be a day early.
    if (isEpoch && epochMs % DAY_MS === 0 && clock.offsetMs(epochMs) !== 0) {
      const message = `stamp lies at midnight UTC, which in ${timeZone} is another date; set stamp.timeZone to "UTC"`;
      throw new RowError("stamp.ambiguous-date", message, row.columnOf("timestamp"));
    }
    return dateOfDayNumber(dayNumber);
  };
}

/** The span of a daily bar ends with what its volume covers. */
function endOfDay(source: DelimitedOf<"bar">, date: string): number {
  const rule =
    source.publication ?? (source.volumeScope === "REGULAR" ? "official-close" : "extended-close");
  return publicationOfDate(rule, date);
}

/** By how much a vendor divided the prices of a date for splits that came later. */
function splitRatio(splits: DelimitedOf<"bar">["unadjust"], date: string): number {
  let ratio = 1;
  for (const split of splits) if (date < split.before) ratio *= split.ratio;
  return ratio;
}
