import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectPriceTick({
  id,
  value,
}: StageEvent<"market.price-tick.v1">): readonly RowChange[] {
  return [
    {
      table: "prices_latest",
      row: {
        symbol: value.symbol,
        event_id: id,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        source: value.source,
        kind: value.kind.toLowerCase(),
        interval_ms: value.intervalMs,
        open: value.open,
        high: value.high,
        low: value.low,
        close: value.close,
        volume: value.volume,
        volume_scope: value.volumeScope.toLowerCase(),
      },
    },
  ];
}
