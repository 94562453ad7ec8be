import { type Collected, collectEach, RowRefusal } from "@amc/platform/http/collected";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { referenceFact } from "@amc/streams/facts/security";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import type { Fact } from "@amc/streams/kernel/fact";
import { MarketTimeError } from "@amc/streams/market/errors";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import { settlementDates } from "@amc/streams/short-interest/finra-calendar";
import {
  COMPUTED_SCHEDULE,
  type ScheduleInForce,
} from "@amc/streams/short-interest/schedule-in-force";
import type { KeyStatistics } from "./key-statistics.ts";

/** Why there is no short interest of what Yahoo knows nothing about, such as a fund. */
export const MISSING_FIELD = "yahoo.missing-field";
/** Above this short interest is an error in shares or float (R-ING-19); GME was at 1.52. */
const SHORT_FRACTION_MAX = 3;
const SHORT_FRACTION_EXTREME = 1;

/**
 * Short interest, float and shares outstanding of one symbol, each stated and refused by itself. An
 * answer without one of the required fields gives no short interest (R-ING-05). Its figure, FINRA's, is public
 * since the schedule says so.
 */
export function keyStatisticsFacts(
  symbol: string,
  statistics: KeyStatistics,
  provenance: CapturedProvenance,
  schedule: ScheduleInForce = COMPUTED_SCHEDULE,
): Collected {
  const statements = [
    () => shortInterest(symbol, statistics, provenance, schedule),
    () => floatShares(symbol, statistics, provenance),
    () => sharesOutstanding(symbol, statistics, provenance),
  ];
  return collectEach(
    statements,
    () => symbol,
    (state) => state(),
  );
}

function shortInterest(
  symbol: string,
  statistics: KeyStatistics,
  provenance: CapturedProvenance,
  schedule: ScheduleInForce,
): readonly Fact[] {
  const sharesShort = required("sharesShort", statistics.sharesShort);
  const daysToCover = required("shortRatio", statistics.shortRatio);
  const float = required("floatShares", statistics.floatShares);
  const seconds = required("dateShortInterest", statistics.dateShortInterest);
  if (sharesShort > SHORT_FRACTION_MAX * float) {
    const message = `${sharesShort} shares short of a float of ${float}`;
    throw new RowRefusal("yahoo.short-above-float", message);
  }
  const settlementDate = settlementDateOf(seconds);
  const figures = {
    ...{ symbol, settlementDate, sharesShort, daysToCover },
    publishedAt: Math.min(schedule.publishedAt(settlementDate), provenance.captured.at),
    // Yahoo states the figure of a month before, which is not the previous report.
    ...{ previousSharesShort: null, averageDailyVolume: null },
    precision: "EXACT",
    revision: false,
  } as const;
  return [shortInterestFact(figures, provenance)];
}

function floatShares(
  symbol: string,
  statistics: KeyStatistics,
  provenance: CapturedProvenance,
): readonly Fact[] {
  const { floatShares: float, sharesOutstanding: outstanding, sharesShort } = statistics;
  if (float === null) return [];
  if (outstanding !== null && float > outstanding) {
    // Float of all share classes beside the shares of one, as of GOOG.
    const message = `a float of ${float} is more than ${outstanding} shares outstanding`;
    throw new RowRefusal("yahoo.float-above-shares", message);
  }
  const fraction = sharesShort === null || float <= 0 ? 0 : sharesShort / float;
  const note = fraction > SHORT_FRACTION_EXTREME ? `extreme: ${fraction.toFixed(4)} short` : null;
  return [reference(symbol, "FLOAT_SHARES", float, note, provenance)];
}

function sharesOutstanding(
  symbol: string,
  { sharesOutstanding: outstanding }: KeyStatistics,
  provenance: CapturedProvenance,
): readonly Fact[] {
  if (outstanding === null) return [];
  return [reference(symbol, "SHARES_OUTSTANDING", outstanding, null, provenance)];
}

/** Yahoo does not say since when a figure holds: it is public since it is here. */
function reference(
  symbol: string,
  field: "FLOAT_SHARES" | "SHARES_OUTSTANDING",
  value: number,
  note: string | null,
  provenance: CapturedProvenance,
): Fact {
  const { at } = provenance.captured;
  const stated = { symbol, field, value, note, precision: "EXACT" } as const;
  return referenceFact({ ...stated, date: newYorkDateOf(at), publishedAt: at }, provenance);
}

function required(name: string, value: number | null): number {
  if (value !== null) return value;
  throw new RowRefusal(MISSING_FIELD, `${name} is missing`);
}

function settlementDateOf(seconds: number): string {
  const at = new Date(seconds * 1000);
  const date = Number.isNaN(at.getTime()) ? "no date" : at.toISOString().slice(0, 10);
  try {
    if (settlementDates(Number(date.slice(0, 4))).includes(date)) return date;
  } catch (error) {
    if (!(error instanceof MarketTimeError)) throw error;
  }
  throw new RowRefusal("yahoo.settlement-date", `${date} is no settlement date`);
}
