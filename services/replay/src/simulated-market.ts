import { encodeEvent } from "@amc/schemas/codec";
import type { PriceTick, Reference, ShortInterest } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { addTradingDays, tradingDaysIn } from "@amc/streams/market/calendar";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { sessionBounds } from "@amc/streams/market/sessions";
import { gaussian, seededRandom } from "./seeded-random.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

const LAST_DAY = "2025-03-14";

export interface SimulatedMarketOptions {
  readonly symbols: number;
  /** Sessions of daily bars before the first minute. */
  readonly warmupSessions: number;
  /** Sessions of minute bars. */
  readonly sessions: number;
  /** Minutes of each session, at most 390. */
  readonly minutes: number;
  readonly seed: number;
}

interface Walk {
  readonly symbol: string;
  readonly random: () => number;
  readonly usualVolume: number;
  readonly volatility: number;
  /** Every fourth symbol wakes up on the last day: volume and price rise together. */
  readonly wakes: boolean;
  price: number;
  sharesShort: number;
}

/** A market of made-up symbols, every fact marked `simulated`; the same seed gives the same bytes. */
export function* simulatedMarket(options: SimulatedMarketOptions): Generator<FactSlice> {
  const { symbols, warmupSessions, sessions, minutes, seed } = options;
  const firstDay = addTradingDays(LAST_DAY, -(warmupSessions + sessions - 1));
  const days = tradingDaysIn(firstDay, LAST_DAY);
  const walks = Array.from({ length: symbols }, (_, index) => newWalk(index, seed));
  yield* referenceSlice(walks, firstDay);
  for (const [index, day] of days.entries()) {
    if (index < warmupSessions) yield dailySlice(walks, day);
    else {
      // On the eve of what is evaluated: an old report is worth too little to be scored.
      if (index === warmupSessions) yield shortInterestSlice(walks, day);
      yield* minuteSlices(walks, day, minutes, index === days.length - 1);
    }
  }
}

function newWalk(index: number, seed: number): Walk {
  const random = seededRandom(seed + index * 7919);
  return {
    symbol: `SIM${String(index).padStart(4, "0")}`,
    random,
    usualVolume: 200_000 + 3_000_000 * random(),
    volatility: 0.02 + 0.05 * random(),
    wakes: index % 4 === 0,
    price: 3 + 60 * random(),
    sharesShort: 0,
  };
}

/** What every simulated fact says about itself. */
export function factTimes(symbol: string, happenedAt: number, publishedAt: number) {
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt: publishedAt,
    source: "simulated",
    confidence: 0.95,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
  };
}

/** A fact ready to be appended; `kind` tells it from others of its symbol and event time. */
export function simulatedFact<Topic extends TopicName>(
  topic: Topic,
  value: EventOf<Topic> & Pick<PriceTick, "symbol" | "happenedAt" | "publishedAt">,
  kind: string,
): SliceFactAppend {
  const id = uuidOf(`simulated/${value.symbol}/${kind}/${value.happenedAt}`);
  return {
    topic,
    publishedAt: value.publishedAt,
    append: {
      topic,
      key: value.symbol,
      value: encodeEvent(topic, value),
      headers: eventHeaders({ id, source: "/amc/simulated", topic, happenedAt: value.happenedAt }),
    },
  };
}

function* referenceSlice(walks: readonly Walk[], day: string): Generator<FactSlice> {
  const atMs = newYorkToUtc(day, "04:00");
  const facts = walks.flatMap((walk) => {
    const outstanding = 20e6 + Math.round(80e6 * walk.random());
    const float: Reference = {
      ...factTimes(walk.symbol, atMs - DAY_MS, atMs),
      field: "FLOAT_SHARES",
      value: Math.round(outstanding * (0.4 + 0.5 * walk.random())),
      precision: "EXACT",
      note: null,
    };
    const shares: Reference = { ...float, field: "SHARES_OUTSTANDING", value: outstanding };
    walk.sharesShort = Math.round(outstanding * 0.3 * walk.random());
    return [
      simulatedFact("market.reference.v1", float, "float"),
      simulatedFact("market.reference.v1", shares, "shares"),
    ];
  });
  yield { atMs, discovery: false, facts };
}

function shortInterestSlice(walks: readonly Walk[], day: string): FactSlice {
  const atMs = newYorkToUtc(day, "04:00");
  const facts = walks.map(({ symbol, sharesShort, usualVolume }) => {
    const report: ShortInterest = {
      ...factTimes(symbol, atMs - 10 * DAY_MS, atMs),
      settlementDate: addTradingDays(day, -7),
      sharesShort,
      previousSharesShort: null,
      averageDailyVolume: Math.round(usualVolume),
      daysToCover: null,
      precision: "EXACT",
      revision: false,
    };
    return simulatedFact("short.interest.v1", report, "short-interest");
  });
  return { atMs, discovery: false, facts };
}

function bar(walk: Walk, happenedAt: number, intervalMs: number, drift: number, volume: number) {
  const scale = walk.volatility * Math.sqrt(intervalMs / DAY_MS) * 1.5;
  const open = walk.price;
  walk.price = Math.max(0.5, open * Math.exp(drift + scale * gaussian(walk.random)));
  const close = walk.price;
  const value: PriceTick = {
    ...factTimes(walk.symbol, happenedAt, happenedAt),
    kind: "BAR",
    intervalMs,
    open,
    high: Math.max(open, close) * (1 + 0.5 * scale * walk.random()),
    low: Math.min(open, close) * (1 - 0.5 * scale * walk.random()),
    close,
    volume: Math.round(volume),
    volumeScope: "CONSOLIDATED",
    vwap: null,
    tradeCount: null,
    bid: null,
    ask: null,
    auction: false,
  };
  return simulatedFact("market.price-tick.v1", value, `bar-${intervalMs}`);
}

function dailySlice(walks: readonly Walk[], day: string): FactSlice {
  const atMs = newYorkToUtc(day, "20:00");
  const facts = walks.map((walk) => {
    // Those that will wake have been rising, so that some of them stand in the RSI band.
    const drift = walk.wakes ? 0.3 * walk.volatility : 0.001;
    const volume = walk.usualVolume * Math.exp(0.3 * gaussian(walk.random));
    return bar(walk, atMs, DAY_MS, drift, volume);
  });
  return { atMs, discovery: false, facts };
}

function* minuteSlices(
  walks: readonly Walk[],
  day: string,
  minutes: number,
  lastDay: boolean,
): Generator<FactSlice> {
  const { openMs, regularMinutes } = sessionBounds(day);
  for (let minute = 1; minute <= Math.min(minutes, regularMinutes); minute += 1) {
    const atMs = openMs + minute * MINUTE_MS;
    const facts: SliceFactAppend[] = [];
    for (const walk of walks) {
      const awake = lastDay && walk.wakes && minute > 10;
      // A quiet symbol has minutes without trades.
      if (!awake && walk.random() < 0.1) continue;
      const share = (walk.usualVolume / regularMinutes) * (awake ? 6 : 1);
      const volume = share * Math.exp(0.4 * gaussian(walk.random));
      facts.push(bar(walk, atMs, MINUTE_MS, awake ? 0.0015 : 0, volume));
    }
    yield { atMs, discovery: true, facts };
  }
}
