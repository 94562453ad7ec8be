import { RowRefusal } from "@amc/platform/http/collected";
import { shapedRow } from "@amc/platform/http/row-shape";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { MarketTimeError } from "@amc/streams/market/errors";
import type { z } from "zod";

/** The row in the shape that FINRA documents. Throws RowRefusal `finra.shape` naming the field. */
export function shaped<Row>(schema: z.ZodType<Row>, row: unknown): Row {
  return shapedRow(schema, row, "finra.shape");
}

/** Throws RowRefusal `finra.symbol` for what is no symbol of an equity. */
export function symbolOf(text: string): string {
  const symbol = canonicalSymbol(text.trim());
  if (symbol !== null) return symbol;
  throw new RowRefusal("finra.symbol", "is no symbol of an equity");
}

/** Throws RowRefusal `finra.other-date` for a row about another day than the one asked about. */
export function expectDate(stated: string, asked: string): void {
  if (stated === asked) return;
  throw new RowRefusal("finra.other-date", `is about ${stated.slice(0, 20)}, asked was ${asked}`);
}

/** An answer of the exchange calendar; what it refuses is the fault of the row that asked. */
export function calendarAnswer<Answer>(ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof MarketTimeError)) throw error;
    throw new RowRefusal("finra.date", error.message);
  }
}
