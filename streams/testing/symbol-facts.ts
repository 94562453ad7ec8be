import type {
  News,
  Options,
  PriceTick,
  Reference,
  ShortInterest,
  ShortVolume,
} from "@amc/schemas/generated/events";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { DAY_MS } from "../market/calendar-date.ts";

/** The symbol that all facts of this file are about. */
const SYMBOL = "TEST";

/** Facts about one symbol as stages get them; what a test does not name is ordinary. */
function fact<Topic extends TopicName>(topic: Topic, value: EventOf<Topic>): StageEvent<Topic> {
  return { topic, id: uuidOf(`${topic}/${JSON.stringify(value)}`), key: SYMBOL, value };
}

function times(publishedAt: number) {
  return {
    symbol: SYMBOL,
    happenedAt: publishedAt,
    publishedAt,
    capturedAt: publishedAt,
    source: "test-vendor",
    confidence: 0.9,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
  };
}

type Known<Value> = Partial<Omit<Value, "symbol" | "publishedAt">>;

/** A minute's bar at 10 USD unless `known` says otherwise. */
export function barFact(publishedAt: number, known: Known<PriceTick> = {}) {
  const { close = 10 } = known;
  return fact("market.price-tick.v1", {
    ...times(publishedAt),
    kind: "BAR",
    intervalMs: 60_000,
    open: close,
    high: close,
    low: close,
    close,
    volume: 1_000,
    volumeScope: "CONSOLIDATED",
    vwap: null,
    tradeCount: null,
    bid: null,
    ask: null,
    auction: false,
    ...known,
  });
}

export function dailyFact(publishedAt: number, known: Known<PriceTick> = {}) {
  return barFact(publishedAt, { intervalMs: DAY_MS, ...known });
}

export function referenceFact(
  publishedAt: number,
  known: Pick<Reference, "field" | "value"> & Partial<Pick<Reference, "precision">>,
) {
  const value = { ...times(publishedAt), precision: "EXACT", note: null, ...known } as const;
  return fact("market.reference.v1", value);
}

export function shortInterestFact(publishedAt: number, known: Known<ShortInterest> = {}) {
  return fact("short.interest.v1", {
    ...times(publishedAt),
    settlementDate: "2020-12-31",
    sharesShort: 5_000_000,
    previousSharesShort: 4_000_000,
    averageDailyVolume: 1_000_000,
    daysToCover: null,
    precision: "EXACT",
    revision: false,
    ...known,
  });
}

export function shortVolumeFact(publishedAt: number, known: Known<ShortVolume> = {}) {
  return fact("short.volume.v1", {
    ...times(publishedAt),
    tradeDate: "2021-01-12",
    shortVolume: 400,
    shortExemptVolume: null,
    totalVolume: 1_000,
    facilities: "B,Q,N",
    ...known,
  });
}

export function failsFact(publishedAt: number, quantity: number) {
  const settlementDate = "2020-12-15";
  const value = { ...times(publishedAt), settlementDate, quantity, price: null };
  return fact("short.fails-to-deliver.v1", value);
}

export function newsFact(publishedAt: number, known: Known<News> = {}) {
  return fact("market.news.v1", {
    ...times(publishedAt),
    itemId: `item-${publishedAt}`,
    headline: "A headline",
    url: null,
    timePrecision: "INSTANT",
    polarity: 0.5,
    credibility: 0.8,
    eventAt: null,
    ...known,
  });
}

/** A month to expiry at the money, both sides quoted, four calls traded per two puts. */
export function optionsFact(publishedAt: number, known: Known<Options> = {}) {
  return fact("market.options.v1", {
    ...times(publishedAt),
    underlyingPrice: 10,
    expiry: new Date(publishedAt + 30 * DAY_MS).toISOString().slice(0, 10),
    strike: 10,
    callBid: 0.79,
    callAsk: 0.81,
    putBid: 0.75,
    putAsk: 0.77,
    callVolume: 2_000,
    putVolume: 1_000,
    callOpenInterest: null,
    putOpenInterest: null,
    gammaWallStrike: 11,
    volumeRatio: 2,
    ivPercentile: null,
    ...known,
  });
}
