import { decodeEvent } from "@amc/schemas/codec";
import type { Options, PriceTick } from "@amc/schemas/generated/events";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { gaussian, seededRandom } from "../seeded-random.ts";
import { factTimes, simulatedFact } from "../simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "../slices.ts";

const TOPIC = "market.options.v1";
const HOUR_MS = 3_600_000;
const EXPIRES_IN_MS = 30 * DAY_MS;
/** Price of a 30-day call at the money, as a share of spot (Black-Scholes: about 0.11 at a volatility of 1). */
const CALL_SHARE = 0.08;

/**
 * Adds what an options vendor would have said to a market of bars: three snapshots a day of each
 * symbol, of which only the last counts for the days after, and one that is handed in a day late.
 * While minutes come, one snapshot after the tenth bar of a symbol.
 */
export function* withOptionSnapshots(slices: Iterable<FactSlice>): Generator<FactSlice> {
  const random = seededRandom(97);
  const minutes = new Map<string, number>();
  let late: SliceFactAppend[] = [];
  for (const slice of slices) {
    const added = late;
    late = [];
    for (const bar of barsOf(slice)) {
      const share = CALL_SHARE * Math.exp(0.3 * gaussian(random));
      if (bar.intervalMs >= DAY_MS) {
        for (const hours of [10, 7, 5])
          added.push(optionSnapshot(bar, hours, share * (1 + hours / 50)));
        late.push(optionSnapshot(bar, 6, share * 3));
        continue;
      }
      const seen = (minutes.get(bar.symbol) ?? 0) + 1;
      minutes.set(bar.symbol, seen);
      if (seen === 10) added.push(optionSnapshot(bar, 0, share));
    }
    yield { ...slice, facts: [...slice.facts, ...added] };
  }
}

/** The bars among the facts of a slice. */
export function* barsOf({ facts }: FactSlice): Generator<PriceTick> {
  for (const { topic, append } of facts) {
    if (topic !== "market.price-tick.v1" || append.value === null) continue;
    const decoded = decodeEvent(topic, append.value);
    if (decoded.ok) yield decoded.value;
  }
}

/** A snapshot so many hours before the end of a bar, with calls at a share of its close. */
export function optionSnapshot(
  bar: PriceTick,
  hoursBefore: number,
  share: number,
): SliceFactAppend {
  const happenedAt = bar.happenedAt - hoursBefore * HOUR_MS;
  const mid = bar.close * share;
  const quote = { bid: mid * 0.99, ask: mid * 1.01 };
  const value: Options = {
    ...factTimes(bar.symbol, happenedAt, happenedAt),
    confidence: 0.75,
    underlyingPrice: bar.close,
    expiry: new Date(happenedAt + EXPIRES_IN_MS).toISOString().slice(0, 10),
    strike: bar.close,
    callBid: quote.bid,
    callAsk: quote.ask,
    putBid: quote.bid,
    putAsk: quote.ask,
    callVolume: 2_000,
    putVolume: 1_000,
    callOpenInterest: null,
    putOpenInterest: null,
    gammaWallStrike: bar.close * 1.05,
    volumeRatio: 2,
    ivPercentile: null,
  };
  return simulatedFact(TOPIC, value, "options");
}
