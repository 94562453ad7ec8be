import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import { statedText } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import {
  COMPUTED_SCHEDULE,
  type ScheduleInForce,
} from "@amc/streams/short-interest/schedule-in-force";
import { z } from "zod";
import { calendarAnswer, expectDate, shaped, symbolOf } from "./row-text.ts";

/** A row of `consolidatedShortInterest`; what is not read is not listed. */
const ROW = z.object({
  symbolCode: z.string(),
  settlementDate: z.string(),
  currentShortPositionQuantity: z.number().nonnegative(),
  previousShortPositionQuantity: z.number().nonnegative().nullish(),
  averageDailyVolumeQuantity: z.number().nonnegative().nullish(),
  daysToCoverQuantity: z.number().nonnegative().nullish(),
  revisionFlag: z.string().nullish(),
});

/** A row about the settlement date. Throws RowRefusal. */
export function interestRow(raw: unknown, settlementDate: string): z.output<typeof ROW> {
  const row = shaped(ROW, raw);
  expectDate(row.settlementDate, settlementDate);
  return row;
}

/**
 * Short interest of one settlement date, of which a symbol has one row: which of two that differ holds,
 * nobody can say. Figures are public from the schedule's date on, or since we have
 * them; a revision is public since we have it, because nobody says since when it is.
 */
export function shortInterestOf(
  rows: readonly unknown[],
  settlementDate: string,
  provenance: CapturedProvenance,
  schedule: ScheduleInForce = COMPUTED_SCHEDULE,
): Collected {
  // A row that names no symbol is refused by itself.
  const bySymbol = Map.groupBy(rows, (row) => statedText(row, "symbolCode") ?? row);
  return collectRows(
    bySymbol.values(),
    ([row]) => statedText(row, "symbolCode"),
    (rowsOfSymbol) => {
      const row = onlyRow(rowsOfSymbol, settlementDate);
      const symbol = symbolOf(row.symbolCode);
      const byRule = calendarAnswer(() => schedule.publishedAt(settlementDate));
      const revision = (row.revisionFlag ?? "") !== "";
      const { at } = provenance.captured;
      const figures = {
        symbol,
        settlementDate,
        publishedAt: revision ? at : Math.min(byRule, at),
        sharesShort: row.currentShortPositionQuantity,
        previousSharesShort: row.previousShortPositionQuantity ?? null,
        averageDailyVolume: row.averageDailyVolumeQuantity ?? null,
        daysToCover: row.daysToCoverQuantity ?? null,
        precision: "EXACT",
        revision,
      } as const;
      return [shortInterestFact(figures, provenance)];
    },
  );
}

/** A row may stand on two pages when rows are added between the two calls. */
function onlyRow(raw: readonly unknown[], settlementDate: string): z.output<typeof ROW> {
  const [row, ...others] = raw.map((each) => interestRow(each, settlementDate));
  if (row === undefined) throw new RowRefusal("finra.shape", "has no row");
  const text = JSON.stringify(row);
  if (others.every((other) => JSON.stringify(other) === text)) return row;
  throw new RowRefusal("finra.conflict", "states two different figures");
}
