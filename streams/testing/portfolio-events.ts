import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { type Position, positionKey } from "../portfolio/position.ts";
import { TEN_O_CLOCK } from "./features-builder.ts";

/** A position's event with an id from its key and instant, so that equal calls give equal events. */
export function position(known: Partial<Position> = {}): StageEvent<"portfolio.position.v1"> {
  const value: Position = {
    symbol: "GME",
    ...{ happenedAt: TEN_O_CLOCK, publishedAt: TEN_O_CLOCK, capturedAt: TEN_O_CLOCK },
    source: "import/csv",
    confidence: 1,
    stale: false,
    providerLatencyMs: null,
    simulated: false,
    account: "main",
    quantity: 100,
    averageEntryPrice: 18.5,
    statedPrice: null,
    statedMarketValue: null,
    basis: "STATED",
    ...known,
  };
  const key = positionKey(value.account, value.symbol);
  const id = uuidOf(`portfolio.position.v1/${key}/${value.happenedAt}`);
  return { topic: "portfolio.position.v1", id, key, value, checksum: 0, late: false };
}
