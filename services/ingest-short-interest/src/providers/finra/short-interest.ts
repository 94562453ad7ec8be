import { type Collected, collectRows } from "@amc/platform/http/collected";
import { statedText } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import { publishedAt } from "@amc/streams/short-interest/finra-calendar";
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
 * Short interest of one settlement date. Figures are public from the rule's date on, or since we have
 * them; a revision is public since we have it, because nobody says since when it is.
 */
export function shortInterestOf(
  rows: readonly unknown[],
  settlementDate: string,
  provenance: CapturedProvenance,
): Collected {
  return collectRows(
    rows,
    (row) => statedText(row, "symbolCode"),
    (raw) => {
      const row = interestRow(raw, settlementDate);
      const symbol = symbolOf(row.symbolCode);
      const byRule = calendarAnswer(() => publishedAt(settlementDate));
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
