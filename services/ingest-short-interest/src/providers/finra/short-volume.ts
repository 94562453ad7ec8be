import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import { statedText } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { shortVolumeFact } from "@amc/streams/facts/short-sale";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import { SHORT_VOLUME_TIME } from "@amc/streams/short-interest/due-collections";
import { z } from "zod";
import { calendarAnswer, expectDate, shaped, symbolOf } from "./row-text.ts";

/** A row of `regShoDaily`: one symbol at one reporting facility. */
const ROW = z.object({
  tradeReportDate: z.string(),
  securitiesInformationProcessorSymbolIdentifier: z.string(),
  shortParQuantity: z.number().nonnegative(),
  shortExemptParQuantity: z.number().nonnegative().nullish(),
  totalParQuantity: z.number().nonnegative(),
  reportingFacilityCode: z.string(),
  marketCode: z.string().nullish(),
});
type FacilityRow = z.output<typeof ROW>;

/** Short volume of one symbol and day as a source states it, before it is a fact. */
export interface DailyShortVolume {
  readonly symbol: string;
  readonly shortVolume: number;
  readonly shortExemptVolume: number | null;
  readonly totalVolume: number;
  readonly facilities: string;
}

const SYMBOL_FIELD = "securitiesInformationProcessorSymbolIdentifier";

/**
 * Daily short volume summed over the facilities, which report one row each. `rows` have to be the
 * whole day: a sum over some of the facilities is no figure of anything.
 */
export function shortVolumeOf(
  rows: readonly unknown[],
  tradeDate: string,
  provenance: CapturedProvenance,
): Collected {
  const bySymbol = Map.groupBy(rows, (row) => statedText(row, SYMBOL_FIELD));
  return collectRows(
    bySymbol,
    ([symbol]) => symbol,
    ([, rowsOfSymbol]) => [factOf(summed(rowsOfSymbol, tradeDate), tradeDate, provenance)],
  );
}

/** The fact of a day's figures. Throws RowRefusal for a day that is no trading day. */
export function factOf(day: DailyShortVolume, tradeDate: string, provenance: CapturedProvenance) {
  calendarAnswer(() => sessionBounds(tradeDate));
  const byRule = newYorkToUtc(tradeDate, SHORT_VOLUME_TIME);
  const publishedAt = Math.min(byRule, provenance.captured.at);
  return shortVolumeFact({ ...day, tradeDate, publishedAt }, provenance);
}

/** A row about the trading day. Throws RowRefusal. */
export function volumeRow(raw: unknown, tradeDate: string): FacilityRow {
  const row = shaped(ROW, raw);
  expectDate(row.tradeReportDate, tradeDate);
  return row;
}

function summed(raw: readonly unknown[], tradeDate: string): DailyShortVolume {
  const rows = new Map<string, FacilityRow>();
  for (const each of raw) {
    const row = volumeRow(each, tradeDate);
    const facility = `${row.reportingFacilityCode}/${row.marketCode ?? ""}`;
    const before = rows.get(facility);
    // A row may stand on two pages when rows are added between the two calls.
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(row)) {
      throw new RowRefusal("finra.conflict", `facility ${facility} states two different figures`);
    }
    rows.set(facility, row);
  }
  const all = [...rows.values()];
  const sum = (of: (row: FacilityRow) => number) => all.reduce((total, row) => total + of(row), 0);
  const isExemptKnown = all.every(
    ({ shortExemptParQuantity: exempt }) => typeof exempt === "number",
  );
  const codes = new Set(all.map(({ reportingFacilityCode }) => reportingFacilityCode));
  return {
    symbol: symbolOf(all[0]?.[SYMBOL_FIELD] ?? ""),
    shortVolume: sum((row) => row.shortParQuantity),
    shortExemptVolume: isExemptKnown ? sum((row) => row.shortExemptParQuantity ?? 0) : null,
    totalVolume: sum((row) => row.totalParQuantity),
    facilities: [...codes].sort().join(","),
  };
}
