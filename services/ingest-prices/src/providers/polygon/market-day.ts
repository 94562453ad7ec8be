import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { shapedRow, statedText } from "@amc/platform/http/row-shape";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { barFact } from "@amc/streams/facts/price-tick";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { z } from "zod";
import { AGGREGATE, barOf, symbolOf, vintageOf } from "./aggregate.ts";
import { readAnswer, unreadable } from "./answer.ts";

const ANSWER = z.object({
  adjusted: z.boolean(),
  resultsCount: z.int(),
  results: z.array(z.unknown()).default([]),
});
const ROW = AGGREGATE.extend({ T: z.string() });

/** Rows of a grouped day, a row per symbol; none on a day without trading. Throws `provider.unreadable`. */
export function readMarketDay(http: HttpAnswer): readonly unknown[] {
  const { adjusted, resultsCount, results } = readAnswer(http, ANSWER);
  if (adjusted) throw unreadable("its prices are adjusted, asked was for adjusted=false");
  if (resultsCount !== results.length) {
    throw unreadable(`it has ${results.length} results and states ${resultsCount}`);
  }
  return results;
}

/**
 * The daily bars of the whole market on `date`, `yyyy-mm-dd`. A bar whose extended hours have not ended
 * is left out. `t` is the end of the day here, not its start as in the bars of one symbol.
 */
export function marketDayFacts(
  rows: readonly unknown[],
  date: string,
  provenance: CapturedProvenance,
): Collected {
  const startMs = newYorkToUtc(date, "00:00");
  const seen = new Set<string>();
  return collectRows(
    rows,
    (row) => statedText(row, "T"),
    (raw) => {
      const row = shapedRow(ROW, raw, "polygon.shape");
      const symbol = symbolOf(row.T);
      if (newYorkDateOf(row.t) !== date) {
        throw new RowRefusal("polygon.other-date", `is of ${newYorkDateOf(row.t)}, asked ${date}`);
      }
      if (seen.has(symbol)) throw new RowRefusal("polygon.repeated", "the symbol comes again");
      seen.add(symbol);
      const bar = barOf(symbol, row, startMs, DAY_MS);
      if (bar.publishedAt > provenance.captured.at) return [];
      return [barFact(bar, provenance, vintageOf(bar))];
    },
  );
}
