import type { FactSlice, SliceFactAppend } from "@amc/replay/slices";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";

const TICKS = "market.price-tick.v1";
const MINUTE_MS = 60_000;
/** Trades per symbol and minute that the specification names for a busy market. */
const TRADES_PER_MINUTE = 20;

/** Every minute bar of a simulated slice as trades that make up its prices and volume, by time. */
export function tradesOf(slice: FactSlice): FactSlice {
  const bars: PriceTick[] = [];
  const facts: SliceFactAppend[] = [];
  for (const fact of slice.facts) {
    const bar = minuteBarOf(fact);
    if (bar === null) facts.push(fact);
    else bars.push(bar);
  }
  for (let trade = 1; trade <= TRADES_PER_MINUTE; trade += 1) {
    for (const bar of bars) facts.push(tradeOf(bar, trade));
  }
  return { ...slice, facts };
}

function minuteBarOf({ append }: SliceFactAppend): PriceTick | null {
  if (append.topic !== TICKS || append.value === null) return null;
  const decoded = decodeEvent(TICKS, append.value);
  if (!decoded.ok) throw new TypeError(`a simulated bar does not decode: ${decoded.message}`);
  return decoded.value.intervalMs === MINUTE_MS ? decoded.value : null;
}

/** The `number`-th trade of a minute: from open over high and low to close. */
function tradeOf(bar: PriceTick, number: number): SliceFactAppend {
  const price = priceAt(bar, number);
  const happenedAt = bar.happenedAt - MINUTE_MS + (number * MINUTE_MS) / TRADES_PER_MINUTE;
  const trade: PriceTick = {
    ...bar,
    ...{ happenedAt, publishedAt: happenedAt, capturedAt: happenedAt },
    ...{ open: price, high: price, low: price, close: price },
    kind: "TRADE",
    intervalMs: 0,
    volume: Math.max(1, Math.round(bar.volume / TRADES_PER_MINUTE)),
  };
  const id = uuidOf(`simulated/${bar.symbol}/trade/${happenedAt}`);
  return {
    topic: TICKS,
    publishedAt: happenedAt,
    append: {
      topic: TICKS,
      key: bar.symbol,
      value: encodeEvent(TICKS, trade),
      headers: eventHeaders({ id, source: "/amc/simulated", topic: TICKS, happenedAt }),
    },
  };
}

function priceAt({ open, high, low, close }: PriceTick, number: number): number {
  if (number === 1) return open;
  if (number === TRADES_PER_MINUTE) return close;
  const share = number / TRADES_PER_MINUTE;
  return share < 0.5 ? open + (high - open) * share : low + (close - low) * share;
}
