import { boolean, bytes, date, double, instant, nullable, text, uuid } from "../columns.ts";
import type { Table } from "../table.ts";

/** Symbols that passed every hard gate in a slot. */
export const candidates = {
  key: ["event_id"],
  columns: {
    event_id: uuid,
    symbol: text(10),
    happened_at: instant,
    published_at: instant,
    captured_at: instant,
    simulated: boolean,
    trading_day: date,
    slot: instant,
    trigger: text(20),
    session: text(20),
    strategy: text(50),
    profile: text(50),
    preset: text(50),
    config_version: text(),
    verdict_id: uuid,
    features_id: uuid,
    score: double,
    confidence: double,
    listed: boolean,
    label: text(20),
    price: nullable(double),
    volume_spike: nullable(double),
    short_fraction: nullable(double),
    squeeze_label: nullable(text()),
    squeeze_score: nullable(double),
    event: bytes,
  },
} as const satisfies Table;
