import { dateOnlyTimes, newsFact } from "@amc/streams/facts/news";
import {
  failsToDeliverFact,
  shortInterestFact,
  shortVolumeFact,
} from "@amc/streams/facts/short-sale";
import { dateOfDayNumber } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { laterDateNamedIn } from "../facts/named-dates.ts";
import { statedReference } from "../facts/reference.ts";
import { RowError } from "../facts/row-error.ts";
import { checkInstant } from "../facts/values.ts";
import type { DelimitedOf } from "../manifest/delimited-source.ts";
import { calendarAnswer } from "../time/publication.ts";
import { dayNumberInName, stampReader } from "../time/stamp.ts";
import type { RowMapper } from "./delimited.ts";
import type { Row } from "./row.ts";
import { dateReader, type RowBasics } from "./row-basics.ts";
import type { TextMember } from "./text-members.ts";

export function shortInterestRows(
  source: DelimitedOf<"short-interest">,
  basics: RowBasics,
): RowMapper {
  const readDate = dateReader(source.datePattern);
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const settlementDate = readDate(row, "settlementDate");
    if (!basics.isDateInRange(settlementDate)) return null;
    return shortInterestFact(
      {
        symbol,
        settlementDate,
        publishedAt: basics.publishedByRule(row, "finra-short-interest", settlementDate),
        sharesShort: row.count("sharesShort"),
        previousSharesShort: row.optionalCount("previousSharesShort"),
        averageDailyVolume: row.optionalCount("averageDailyVolume"),
        daysToCover: row.optionalCount("daysToCover"),
        precision: precisionOf(row),
        revision: /^(y|yes|true|1|r)$/i.test(row.optional("revision") ?? ""),
      },
      basics.context.provenance,
    );
  };
}

function precisionOf(row: Row): "EXACT" | "ROUNDED" {
  const text = row.optional("precision") ?? "exact";
  if (/^exact/i.test(text)) return "EXACT";
  if (/^rounded/i.test(text)) return "ROUNDED";
  const message = `precision must begin with exact or rounded, was "${text.slice(0, 40)}"`;
  throw new RowError("field.invalid", message, row.columnOf("precision"));
}

export function shortVolumeRows(source: DelimitedOf<"short-volume">, basics: RowBasics): RowMapper {
  const readDate = dateReader(source.datePattern);
  const { volumeUnit } = source;
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const tradeDate = readDate(row, "tradeDate");
    if (!basics.isDateInRange(tradeDate)) return null;
    const exempt = row.optionalCount("shortExemptVolume");
    return shortVolumeFact(
      {
        symbol,
        tradeDate,
        publishedAt: basics.publishedByRule(row, "finra-short-volume", tradeDate),
        shortVolume: row.count("shortVolume") * volumeUnit,
        shortExemptVolume: exempt === null ? null : exempt * volumeUnit,
        totalVolume: row.count("totalVolume") * volumeUnit,
        facilities: row.optionalLabel("facilities") ?? "",
      },
      basics.context.provenance,
    );
  };
}

export function failsToDeliverRows(
  source: DelimitedOf<"fails-to-deliver">,
  basics: RowBasics,
): RowMapper {
  const readDate = dateReader(source.datePattern);
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const settlementDate = readDate(row, "settlementDate");
    if (!basics.isDateInRange(settlementDate)) return null;
    return failsToDeliverFact(
      {
        symbol,
        settlementDate,
        publishedAt: basics.publishedByRule(row, "sec-fails-to-deliver", settlementDate),
        quantity: row.count("quantity"),
        price: row.optionalCount("price"),
      },
      basics.context.provenance,
    );
  };
}

export function newsRows(
  source: DelimitedOf<"news">,
  basics: RowBasics,
  member: TextMember,
): RowMapper {
  const fileDay = dayNumberInName(member.name);
  const readStamp = stampReader(source.stamp, basics.context.timeZone, fileDay);
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const column = row.columnOf("timestamp");
    const reading = readStamp(row.text("timestamp"), column);
    if (!basics.isInRange(reading.epochMs)) return null;
    const at = checkInstant(reading.epochMs, "stamp", column);
    const headline = row.label("headline");
    const date = reading.hasTime ? newYorkDateOf(at) : dateOfDayNumber(reading.dayNumber);
    if (source.curated) refuseHindsight(headline, date, row.columnOf("headline"));
    const times = reading.hasTime
      ? { happenedAt: at, publishedAt: at + source.delayMs }
      : calendarAnswer(() => dateOnlyTimes(date));
    return newsFact(
      {
        symbol,
        happenedAt: times.happenedAt,
        publishedAt: basics.publishedAt(row, times.happenedAt, times.publishedAt),
        headline,
        itemId: row.optionalLabel("itemId"),
        url: row.optionalLabel("url"),
        isDateOnly: !reading.hasTime,
        polarity: source.curated ? null : row.optionalNumber("polarity"),
        credibility: row.optionalNumber("credibility"),
        eventAt: null,
      },
      basics.context.provenance,
    );
  };
}

/** Throws RowError `text.names-later-date` for text that cannot be of its date. */
export function refuseHindsight(text: string, date: string, column: number | null): void {
  const later = laterDateNamedIn(text, date);
  if (later === null) return;
  const message = `the item is dated ${date} but its text names ${later}: it was written later`;
  throw new RowError("text.names-later-date", message, column);
}

export function referenceRows(source: DelimitedOf<"reference">, basics: RowBasics): RowMapper {
  const readDate = dateReader(source.datePattern);
  return (row) => {
    const symbol = basics.symbolOf(row);
    if (symbol === null) return null;
    const date = readDate(row, "date");
    if (!basics.isDateInRange(date)) return null;
    // Required: no rule says when a figure of this kind became public.
    row.text("publishedAt");
    return statedReference(
      {
        symbol,
        field: source.field,
        value: row.count("value"),
        precision: source.precision,
        date,
        publishedAt: basics.publishedAt(row, Number.NEGATIVE_INFINITY, Number.NaN),
        note: row.optionalLabel("note"),
      },
      basics.context.provenance,
    );
  };
}
