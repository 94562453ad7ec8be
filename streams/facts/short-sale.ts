import type { ShortInterestPrecision } from "@amc/schemas/generated/events";
import { type Fact, factId } from "../kernel/fact.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { envelope, type Provenance } from "./envelope.ts";

/** FINRA caps days to cover here: the figure says "at least", which is not a value. */
const DAYS_TO_COVER_CAP = 999.99;

export interface ShortInterestFigures {
  readonly symbol: string;
  readonly settlementDate: string;
  readonly publishedAt: number;
  readonly sharesShort: number;
  readonly previousSharesShort: number | null;
  readonly averageDailyVolume: number | null;
  readonly daysToCover: number | null;
  readonly precision: ShortInterestPrecision;
  readonly revision: boolean;
}

export function shortInterestFact(figures: ShortInterestFigures, provenance: Provenance): Fact {
  const { symbol, settlementDate, publishedAt, daysToCover } = figures;
  const happenedAt = closeOfDate(settlementDate);
  return {
    topic: "short.interest.v1",
    // A revision states the same settlement date again and is published later.
    id: factId(provenance, symbol, "short-interest", happenedAt, publishedAt),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, "shortInterest"),
      settlementDate,
      sharesShort: figures.sharesShort,
      previousSharesShort: figures.previousSharesShort,
      averageDailyVolume: figures.averageDailyVolume,
      daysToCover: daysToCover !== null && daysToCover >= DAYS_TO_COVER_CAP ? null : daysToCover,
      precision: figures.precision,
      revision: figures.revision,
    },
  };
}

export interface ShortVolumeFigures {
  readonly symbol: string;
  readonly tradeDate: string;
  readonly publishedAt: number;
  readonly shortVolume: number;
  readonly shortExemptVolume: number | null;
  readonly totalVolume: number;
  readonly facilities: string;
}

export function shortVolumeFact(figures: ShortVolumeFigures, provenance: Provenance): Fact {
  const { symbol, tradeDate, publishedAt, shortVolume, totalVolume } = figures;
  const happenedAt = closeOfDate(tradeDate);
  return {
    topic: "short.volume.v1",
    id: factId(provenance, symbol, "short-volume", happenedAt),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, "shortVolume"),
      tradeDate,
      shortVolume,
      shortExemptVolume: figures.shortExemptVolume,
      totalVolume,
      facilities: figures.facilities,
    },
  };
}

export interface FailsFigures {
  readonly symbol: string;
  readonly settlementDate: string;
  readonly publishedAt: number;
  readonly quantity: number;
  readonly price: number | null;
}

export function failsToDeliverFact(figures: FailsFigures, provenance: Provenance): Fact {
  const { symbol, settlementDate, publishedAt, quantity, price } = figures;
  const happenedAt = closeOfDate(settlementDate);
  return {
    topic: "short.fails-to-deliver.v1",
    id: factId(provenance, symbol, "fails-to-deliver", happenedAt),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, "failsToDeliver"),
      settlementDate,
      quantity,
      // The SEC writes 0.0 where it has no price.
      price: price === 0 ? null : price,
    },
  };
}

/** 16:00 ET of a date. Half days too: settlement goes by the date, not by the bell. */
function closeOfDate(date: string): number {
  return newYorkToUtc(date, "16:00");
}
