import fc from "fast-check";
import { SCHEMAS } from "../generated/schemas.ts";
import { type EventOf, TOPIC_NAMES, TOPICS, type TopicName } from "../topics.ts";
import { type ArbitraryLimits, arbitraryRecord } from "./arbitrary-value.ts";
import { isEventOf } from "./avsc-type.ts";

/**
 * fast-check arbitraries of events. `arbitraryEncodable` is the widest: whatever the schema allows.
 * `arbitraryEvent` gives events that pass `validateFact`, for tests of what comes after the edge.
 */

/** Any value that the schema of the topic allows, sensible or not; longs up to `longMax`. */
export function arbitraryEncodable<T extends TopicName>(
  topic: T,
  longMax?: number,
): fc.Arbitrary<EventOf<T>> {
  return typed(
    topic,
    arbitraryRecord(SCHEMAS[TOPICS[topic].schema], longMax === undefined ? {} : { longMax }),
  );
}

/** Events as they may flow: symbols, prices, dates and times that a market can have. */
export function arbitraryEvent<T extends TopicName>(topic: T): fc.Arbitrary<EventOf<T>> {
  const schema = SCHEMAS[TOPICS[topic].schema];
  const plain = arbitraryRecord(schema, PLAUSIBLE).map((value) => plausible(topic, value));
  return typed(topic, plain);
}

function typed<T extends TopicName>(
  topic: T,
  values: fc.Arbitrary<unknown>,
): fc.Arbitrary<EventOf<T>> {
  return values.map((value) => {
    if (isEventOf(topic, value)) return value;
    throw new Error(`the generator made no event of ${topic}: ${JSON.stringify(value)}`);
  });
}

const SYMBOLS = ["A", "GME", "AAPL", "BRK.B", "SPY", "^VIX", "ES=F", "A-B", "ABCDEFGHIJ"];

/** 1998 to 2027, the span of the exchange calendar. */
const TIME_MIN = Date.UTC(1998, 0, 1);
const TIME_MAX = Date.UTC(2027, 11, 31);

function price(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 100_000_000 }).map((tenThousandths) => tenThousandths / 10_000);
}

function shares(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 20_000_000_000 });
}

function fraction(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 10_000 }).map((parts) => parts / 10_000);
}

function instant(): fc.Arbitrary<number> {
  return fc.integer({ min: TIME_MIN, max: TIME_MAX });
}

function day(): fc.Arbitrary<string> {
  return instant().map((ms) => new Date(ms).toISOString().slice(0, 10));
}

function words(): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom("short", "interest", "naïve", "10-K", "Ünïted", "株", "🚀"), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join(" "));
}

function id(): fc.Arbitrary<string> {
  return fc.uuid({ version: 8 });
}

function orNull<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.option(values, { nil: null });
}

const FIELDS: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  symbol: () => fc.constantFrom(...SYMBOLS),
  newSymbol: () => fc.constantFrom(...SYMBOLS),
  source: words,
  confidence: fraction,
  providerLatencyMs: () => orNull(fc.nat(10_000)),
  happenedAt: instant,
  dueAt: instant,
  raisedAt: instant,
  publishedAt: instant,
  capturedAt: instant,
  effectiveAt: instant,
  eventAt: () => orNull(instant()),
  autoRecoveryAt: () => orNull(instant()),
  attempt: () => fc.integer({ min: 1, max: 10 }),
  failureCount: () => fc.nat(100),
  answeredAt: instant,
  callId: id,
  responseMs: () => fc.nat(10_000),
  statusCode: () => orNull(fc.integer({ min: 100, max: 599 })),
  intervalMs: () => fc.constantFrom(0, 60_000, 86_400_000),
  open: price,
  close: price,
  volume: shares,
  totalVolume: shares,
  vwap: () => orNull(price()),
  bid: () => orNull(price()),
  ask: () => orNull(price()),
  price: () => orNull(price()),
  underlyingPrice: () => orNull(price()),
  strike: price,
  gammaWallStrike: () => orNull(price()),
  tradeCount: () => orNull(fc.nat(1_000_000)),
  quantity: shares,
  sharesShort: shares,
  previousSharesShort: () => orNull(shares()),
  averageDailyVolume: () => orNull(shares()),
  daysToCover: () => orNull(fraction()),
  ratio: () => fc.constantFrom(7, 2, 0.1),
  settlementDate: day,
  tradeDate: day,
  tradingDay: day,
  expiry: day,
  itemId: words,
  headline: words,
  url: () => orNull(fc.constant("https://example.com/news/1")),
  polarity: () => orNull(fraction()),
  credibility: () => orNull(fraction()),
  ivPercentile: () => orNull(fraction()),
  volumeRatio: () => orNull(fraction()),
  note: () => orNull(words()),
  reason: words,
  facilities: () => fc.constantFrom("Q,N", "Q"),
  featuresId: id,
  verdictId: id,
  subjectId: id,
  alertId: id,
  runId: id,
  firstId: id,
  lastId: id,
  detectionIds: () => fc.array(id(), { maxLength: 6 }),
  hash: () => fc.stringMatching(/^[0-9a-f]{32}$/),
  topic: () => fc.constantFrom(...TOPIC_NAMES),
  detector: () => fc.constantFrom("volume_momentum", "squeeze", "technicals"),
  gate: () => fc.constantFrom("price", "relvol_30", "atr_pct", "vwap_reclaim"),
  feature: () => fc.constantFrom("rsi14", "atr14", "volumeSpikeConfirmation", "borrowFee"),
  role: () => fc.constantFrom("minutes", "dailies", "short-interest", "reference"),
  setting: () => fc.constantFrom("profile", "preset", "strategy"),
  actor: words,
  account: () => fc.constantFrom("main", "ira-2", "A.1"),
  averageEntryPrice: price,
  statedPrice: () => orNull(price()),
  statedMarketValue: () => orNull(price()),
};

const OPTION_COUNT = /^(call|put)(Bid|Ask|Volume|OpenInterest)$/;

/** Values that a market can have, field by field; see `plausible` for what ties them together. */
export const PLAUSIBLE: ArbitraryLimits = {
  fieldOf: (field) => (OPTION_COUNT.test(field) ? orNull(shares()) : FIELDS[field]?.()),
  longMax: TIME_MAX,
  text: words(),
};

/** Makes the fields of one event agree with one another. */
function plausible(topic: TopicName, value: Record<string, unknown>): Record<string, unknown> {
  const times = timesInOrder(value);
  switch (topic) {
    case "market.price-tick.v1":
      return { ...value, ...times, ...range(Number(value.open), Number(value.close)) };
    case "market.reference.v1":
      // One figure fits every field but the shares, of which there is at least one.
      return { ...value, ...times, value: 1 };
    case "short.volume.v1":
      return {
        ...value,
        ...times,
        shortVolume: Number(value.totalVolume) / 2,
        shortExemptVolume: null,
      };
    case "portfolio.position.v1":
      return { ...value, ...times, ...holding(Number(value.quantity), value.averageEntryPrice) };
    case "ops.control.v1":
      return { ...value, value: null };
    default:
      return { ...value, ...times };
  }
}

function range(open: number, close: number): { high: number; low: number } {
  return { high: Math.max(open, close) * 1.01, low: Math.min(open, close) * 0.99 };
}

/** Long, short and closed positions, some in fractions of a share; what is closed has no entry price. */
function holding(shares: number, averageEntryPrice: unknown): Record<string, unknown> {
  const [quantity = 0] = [[shares], [-shares], [0], [shares / 8]][shares % 4] ?? [];
  return { quantity, averageEntryPrice: quantity === 0 ? null : averageEntryPrice };
}

/** Happened, then published, then captured; for topics that carry all three. */
function timesInOrder(value: Record<string, unknown>): Record<string, number> {
  if (!("capturedAt" in value)) return {};
  const sorted = [value.happenedAt, value.publishedAt, value.capturedAt]
    .map(Number)
    .sort((a, b) => a - b);
  const [happenedAt = 0, publishedAt = 0, capturedAt = 0] = sorted;
  return { happenedAt, publishedAt, capturedAt };
}
