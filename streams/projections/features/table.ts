import {
  boolean,
  bytes,
  date,
  double,
  instant,
  integer,
  nullable,
  text,
  texts,
  uuid,
} from "../columns.ts";
import type { Table } from "../table.ts";

const columns = {
  event_id: uuid,
  symbol: text(10),
  happened_at: instant,
  published_at: instant,
  captured_at: instant,
  simulated: boolean,
  trigger: text(20),
  slot: nullable(instant),
  session: text(20),
  trading_day: date,
  price: nullable(double),
  price_at: nullable(instant),
  prev_close: nullable(double),
  vwap: nullable(double),
  relvol_30: nullable(double),
  volume_spike: nullable(double),
  atr_pct: nullable(double),
  rsi_14: nullable(double),
  ema_9: nullable(double),
  ema_20: nullable(double),
  short_fraction: nullable(double),
  days_to_cover: nullable(double),
  completed_sessions: integer,
  flags: texts,
  /** The record as it lies in the log: every other feature, missing reasons and evidence. */
  event: bytes,
} as const;

/** Newest features per symbol, whatever made the stage emit them. */
export const featuresLatest = {
  key: ["symbol"],
  newestBy: ["happened_at", "event_id"],
  columns,
} as const satisfies Table;

/** History of the features that were evaluated: at slots, at crossings, at official closes. */
export const featuresSlot = { key: ["event_id"], columns } as const satisfies Table;
