import type { Append } from "@amc/platform/log/port";
import { gaussian, seededRandom } from "@amc/replay/seeded-random";
import { encodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";

const SYMBOLS = 200;
const SESSION_MINUTES = 390;
/** Seed of the peers' input file; its generator is Mulberry32 too, as `seededRandom` is. */
const PEER_SEED = 20250721;

interface SymbolWalk {
  readonly symbol: string;
  price: number;
  readonly usualVolume: number;
  burst: number;
  multiple: number;
}

/** The peers' one-minute bars, simulated: 200 symbols, sessions of 390 minutes, in time order. */
export function* momentumBars(count: number, seed: number = PEER_SEED): Generator<PriceTick> {
  const random = seededRandom(seed);
  const cents = (value: number): number => Math.round(value * 100) / 100;
  // Bar end of 09:31 New York in winter time.
  const firstMs = Date.UTC(2025, 0, 6, 14, 31);
  const walks: SymbolWalk[] = Array.from({ length: SYMBOLS }, (_, index) => ({
    symbol: `SYM${String(index).padStart(3, "0")}`,
    price: 10 + 290 * random(),
    usualVolume: 500 + 20_000 * random(),
    burst: 0,
    multiple: 1,
  }));
  for (let index = 0; index < count; index += 1) {
    const minute = Math.floor(index / SYMBOLS);
    const walk = walks[index % SYMBOLS];
    if (walk === undefined) return;
    const session = Math.floor(minute / SESSION_MINUTES);
    const days = Math.floor(session / 5) * 7 + (session % 5);
    const happenedAt = firstMs + days * DAY_MS + (minute % SESSION_MINUTES) * MINUTE_MS;
    if (walk.burst === 0 && random() < 0.008) {
      walk.burst = 1 + Math.floor(random() * 3);
      walk.multiple = 2 + 8 * random();
    }
    const open = cents(walk.price);
    walk.price *= Math.exp((walk.burst > 0 ? 0.0006 : 0) + 0.001 * gaussian(random));
    const close = cents(walk.price);
    const high = cents(Math.max(open, close) * (1 + 0.0006 * random()));
    const low = cents(Math.min(open, close) * (1 - 0.0006 * random()));
    const spread = Math.exp(0.35 * gaussian(random)) * (walk.burst > 0 ? walk.multiple : 1);
    const volume = Math.round(walk.usualVolume * spread) + 1;
    if (walk.burst > 0) walk.burst -= 1;
    yield simulatedBar({ symbol: walk.symbol, happenedAt, open, high, low, close, volume });
  }
}

type BarFigures = Pick<
  PriceTick,
  "symbol" | "happenedAt" | "open" | "high" | "low" | "close" | "volume"
>;

function simulatedBar(figures: BarFigures): PriceTick {
  return {
    ...figures,
    publishedAt: figures.happenedAt,
    capturedAt: figures.happenedAt,
    source: "simulated",
    confidence: 1,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
    kind: "BAR",
    intervalMs: MINUTE_MS,
    volumeScope: "CONSOLIDATED",
    vwap: null,
    tradeCount: null,
    bid: null,
    ask: null,
    auction: false,
  };
}

const TOPIC = "market.price-tick.v1";

/** A tick as the record an ingestor would append. */
export function tickAppend(tick: PriceTick, number: number): Append {
  const id = uuidOf(
    `${tick.source}/${tick.symbol}/${tick.intervalMs}/${tick.happenedAt}/${number}`,
  );
  return {
    topic: TOPIC,
    key: tick.symbol,
    value: encodeEvent(TOPIC, tick),
    headers: eventHeaders({
      id,
      source: "/amc/simulated",
      topic: TOPIC,
      happenedAt: tick.happenedAt,
    }),
  };
}
