import type { EventExcerpt } from "../../kernel/event-excerpt.ts";
import type { RowChange } from "../change.ts";

/** Newest values for every features event; history only for those that were evaluated. */
export function projectFeatures(
  { id, value }: EventExcerpt<"signals.features.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const row = {
    event_id: id,
    symbol: value.symbol,
    happened_at: value.happenedAt,
    published_at: value.publishedAt,
    captured_at: value.capturedAt,
    simulated: value.simulated,
    trigger: value.trigger.toLowerCase(),
    slot: value.slot,
    session: value.session.toLowerCase(),
    trading_day: value.tradingDay,
    price: value.price,
    price_at: value.priceAt,
    prev_close: value.prevClose,
    vwap: value.vwap,
    relvol_30: value.relvol30,
    volume_spike: value.volumeSpike,
    atr_pct: value.atrPct,
    rsi_14: value.rsi14,
    ema_9: value.ema9,
    ema_20: value.ema20,
    short_fraction: value.shortFraction,
    days_to_cover: value.daysToCover,
    completed_sessions: value.completedSessions,
    flags: value.flags,
    event: record,
  };
  const latest = { table: "features_latest", row } as const;
  if (value.trigger === "SLICE") return [latest];
  return [latest, { table: "features_slot", row }];
}
