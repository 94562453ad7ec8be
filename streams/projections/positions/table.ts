import { bigint, boolean, double, instant, nullable, placed, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/**
 * What each account holds (R-ING-11, R-API-22). A closed position stays as a row of quantity 0: it says
 * since when. The newest record in the log holds, and not the newest as-of, because that is what
 * compaction leaves: tables rebuilt from a compacted topic are those made of the whole one.
 */
export const portfolioPositions = {
  key: ["account", "symbol"],
  newestBy: ["log_offset"],
  columns: {
    account: text(64),
    symbol: text(10),
    event_id: uuid,
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    source: text(),
    quantity: double,
    average_entry_price: nullable(double),
    stated_price: nullable(double),
    stated_market_value: nullable(double),
    basis: text(20),
    log_offset: placed(bigint),
  },
} as const satisfies Table;
