import type { StageEvent } from "../../kernel/stage.ts";
import type { RecordOrigin, RowChange } from "../change.ts";

/** All records of an account and symbol lie in one partition, so their offsets have an order. */
export function projectPosition(
  { id, value }: StageEvent<"portfolio.position.v1">,
  { offset }: RecordOrigin,
): readonly RowChange[] {
  return [
    {
      table: "portfolio_positions",
      row: {
        account: value.account,
        symbol: value.symbol,
        event_id: id,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        source: value.source,
        quantity: value.quantity,
        average_entry_price: value.averageEntryPrice,
        stated_price: value.statedPrice,
        stated_market_value: value.statedMarketValue,
        basis: value.basis.toLowerCase(),
        log_offset: offset,
      },
    },
  ];
}
