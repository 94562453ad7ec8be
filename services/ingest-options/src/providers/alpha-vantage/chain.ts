import { collectRows, type Refused, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { shapedRow, statedText } from "@amc/platform/http/row-shape";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { isCalendarDate } from "@amc/streams/market/calendar-date";
import type { ListedContract } from "@amc/streams/market/option-chain";
import { z } from "zod";
import { readAnswer, unreadable } from "./answer.ts";

/** All contracts of an underlying at the end of a day, by expiry and strike. */
export interface OptionChain {
  readonly contracts: readonly ListedContract[];
  readonly refused: readonly Refused[];
}

const ANSWER = z.object({ endpoint: z.string(), message: z.string(), data: z.array(z.unknown()) });

/** Figures are text; an empty one is not stated. */
const DECIMAL = /^\d{1,12}(\.\d{1,12})?(e-?\d{1,3})?$/i;
const figure = z
  .string()
  .refine((text) => text === "" || DECIMAL.test(text), "must be a decimal that is not negative")
  .transform((text) => (text === "" ? null : Number(text)));
const ROW = z.object({
  symbol: z.string(),
  expiration: z.string().refine(isCalendarDate, "must be a date yyyy-mm-dd"),
  strike: figure.pipe(z.number().positive()),
  type: z.enum(["call", "put"]),
  bid: figure,
  ask: figure,
  volume: figure,
  open_interest: figure,
  date: z.string(),
  /** Left out of plans without Greeks. */
  gamma: figure.default(null),
});

/**
 * The chain of `symbol` at the end of `date`; without contracts when nothing is known of that day.
 * Throws `provider.unreadable` for another shape and for a chain most of which is absurd.
 */
export function readChain(http: HttpAnswer, symbol: string, date: string): OptionChain {
  const { data, message } = readAnswer(http, ANSWER);
  if (data.length > 0 && message !== "success") throw unreadable("it has data and no success");
  const byTerms = new Map<string, ListedContract>();
  const { refused } = collectRows(
    data,
    (row) => statedText(row, "symbol"),
    (raw) => {
      const row = shapedRow(ROW, raw, "alpha-vantage.shape");
      if (canonicalSymbol(row.symbol) !== symbol) {
        throw new RowRefusal("alpha-vantage.other-symbol", `asked was ${symbol}`);
      }
      if (row.date !== date) {
        throw new RowRefusal("alpha-vantage.other-date", `date is not ${date}, which was asked`);
      }
      const terms = `${row.expiration}/${row.strike}/${row.type}`;
      if (byTerms.has(terms)) {
        throw new RowRefusal("alpha-vantage.repeated", "the contract comes again");
      }
      byTerms.set(terms, contractOf(row));
      return [];
    },
  );
  const contracts = [...byTerms.values()].sort(
    (a, b) => compare(a.expiry, b.expiry) || a.strike - b.strike || compare(a.right, b.right),
  );
  return { contracts, refused };
}

function contractOf(row: z.output<typeof ROW>): ListedContract {
  const { strike, type, bid, ask, volume, gamma } = row;
  return {
    ...{ expiry: row.expiration, strike, right: type },
    // Nobody bids or offers for nothing: it is how an empty side is written.
    ...{ bid: bid === 0 ? null : bid, ask: ask === 0 ? null : ask },
    ...{ volume, openInterest: row.open_interest, gamma },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
