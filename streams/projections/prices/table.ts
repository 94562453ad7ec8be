import { boolean, double, instant, integer, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** Newest price observation per symbol. */
export const pricesLatest = {
  key: ["symbol"],
  newestBy: ["happened_at", "published_at", "event_id"],
  columns: {
    symbol: text(10),
    event_id: uuid,
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    source: text(),
    kind: text(20),
    interval_ms: integer,
    open: double,
    high: double,
    low: double,
    close: double,
    volume: double,
    volume_scope: text(20),
  },
} as const satisfies Table;
