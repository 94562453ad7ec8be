import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type {
  News,
  Options,
  PriceTick,
  Reference,
  ShortVolume,
} from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { seededRandom } from "./seeded-random.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

const DROPPED = 0.1;
/** Who states what was rewritten: nobody that a real fact names. */
const SOURCE = "another-future";

/**
 * The same market up to `atMs` and another one after it: of the facts published later some are dropped,
 * and of the others everything differs that a stage can read, their ids included, but for the times by
 * which they are ordered. They stay facts that the edge lets in.
 */
export function rewriteAfter(
  facts: readonly FactSlice[],
  atMs: number,
  seed: number,
): readonly FactSlice[] {
  const random = seededRandom(seed);
  return facts.map((slice) => {
    if (slice.facts.every(({ publishedAt }) => publishedAt <= atMs)) return slice;
    const rewritten = slice.facts.flatMap((fact) => {
      if (fact.publishedAt <= atMs) return [fact];
      return random() < DROPPED ? [] : [rewrite(fact, random)];
    });
    return { ...slice, facts: rewritten };
  });
}

/** Figures of one fact move by one factor, which is never 1, so that they still fit each other. */
function factorOf(random: () => number): number {
  const factor = 0.5 + random();
  return Math.abs(factor - 1) < 0.05 ? factor + 0.1 : factor;
}

function rewrite(fact: SliceFactAppend, random: () => number): SliceFactAppend {
  const factor = factorOf(random);
  const whole = (value: number): number => Math.round(value * factor) + 1;
  switch (fact.topic) {
    case "market.price-tick.v1":
      return changed(fact, fact.topic, random, (tick) => otherTick(tick, factor, random));
    case "market.options.v1":
      return changed(fact, fact.topic, random, (options) => otherOptions(options, factor, random));
    case "market.news.v1":
      return changed(fact, fact.topic, random, (news) => otherNews(news, random));
    case "market.reference.v1":
      return changed(fact, fact.topic, random, (reference) =>
        otherReference(reference, factor, random),
      );
    case "market.halt.v1":
      return changed(fact, fact.topic, random, (halt) => ({
        ...halt,
        status: halt.status === "HALTED" ? "RESUMED" : "HALTED",
        reason: halt.reason === null ? "T1" : null,
      }));
    case "market.corporate-action.v1":
      return changed(fact, fact.topic, random, (action) => ({
        ...action,
        ratio: action.ratio === null ? null : action.ratio * factor,
        effectiveAt: action.effectiveAt + Math.round(factor * DAY_MS),
      }));
    case "short.interest.v1":
      return changed(fact, fact.topic, random, (interest) => ({
        ...interest,
        sharesShort: whole(interest.sharesShort),
        previousSharesShort: orNull(interest.previousSharesShort, whole),
        averageDailyVolume: orNull(interest.averageDailyVolume, whole),
        revision: !interest.revision,
      }));
    case "short.volume.v1":
      return changed(fact, fact.topic, random, (volume) => otherShortVolume(volume, random));
    case "short.fails-to-deliver.v1":
      return changed(fact, fact.topic, random, (fails) => ({
        ...fails,
        quantity: whole(fails.quantity),
      }));
    default:
      return fact;
  }
}

/** A fact with another value and another id, told by somebody else with another confidence. */
function changed<Topic extends TopicName>(
  fact: SliceFactAppend,
  topic: Topic,
  random: () => number,
  change: (value: EventOf<Topic>) => EventOf<Topic>,
): SliceFactAppend {
  const { append } = fact;
  const decoded = append.value === null ? null : decodeEvent(topic, append.value);
  // What cannot be read says nothing now, and nothing else after a change.
  if (decoded?.ok !== true) return fact;
  const value = { ...change(decoded.value), source: SOURCE, confidence: random() };
  const id = uuidOf(`${SOURCE}/${append.headers.ce_id ?? ""}`);
  const identity = { id, source: `/amc/${SOURCE}`, topic, happenedAt: decoded.value.happenedAt };
  return {
    ...fact,
    append: { ...append, value: encodeEvent(topic, value), headers: eventHeaders(identity) },
  };
}

function orNull(value: number | null, change: (value: number) => number): number | null {
  return value === null ? null : change(value);
}

function otherTick(tick: PriceTick, factor: number, random: () => number): PriceTick {
  const scaled = (price: number): number => price * factor;
  return {
    ...tick,
    open: scaled(tick.open),
    high: scaled(tick.high),
    low: scaled(tick.low),
    close: scaled(tick.close),
    vwap: orNull(tick.vwap, scaled),
    bid: orNull(tick.bid, scaled),
    ask: orNull(tick.ask, scaled),
    volume: tick.volume * 3 * random(),
    volumeScope: random() < 0.1 ? "VENUE" : tick.volumeScope,
  };
}

function otherOptions(options: Options, factor: number, random: () => number): Options {
  const scaled = (figure: number): number => figure * factor;
  return {
    ...options,
    // Of a share at another price, and dearer or cheaper than its price alone would make them.
    underlyingPrice: orNull(options.underlyingPrice, scaled),
    strike: options.strike * factor,
    callBid: orNull(options.callBid, (bid) => bid * factor * factor),
    callAsk: orNull(options.callAsk, (ask) => ask * factor * factor),
    putBid: orNull(options.putBid, scaled),
    putAsk: orNull(options.putAsk, scaled),
    callVolume: Math.round(5_000 * random()),
    putVolume: Math.round(5_000 * random()),
    gammaWallStrike: orNull(options.gammaWallStrike, (wall) => wall * (0.8 + 0.4 * random())),
    volumeRatio: 6 * random(),
    ivPercentile: random() < 0.5 ? null : 100 * random(),
  };
}

function otherNews(news: News, random: () => number): News {
  const { itemId, headline, polarity, eventAt, happenedAt } = news;
  return {
    ...news,
    itemId: `another-${itemId}`.slice(0, 200),
    headline: `Not so: ${headline}`.slice(0, 500),
    polarity: polarity === null ? 2 * random() - 1 : random() < 0.2 ? null : -polarity * random(),
    credibility: random(),
    eventAt: eventAt === null ? happenedAt + Math.round(14 * random() * DAY_MS) : null,
  };
}

function otherReference(reference: Reference, factor: number, random: () => number): Reference {
  const { field, value, precision } = reference;
  switch (field) {
    case "FLOAT_SHARES":
    case "SHARES_OUTSTANDING":
      return {
        ...reference,
        value: value * factor,
        precision: precision === "BOUND" ? "EXACT" : "BOUND",
      };
    case "BORROW_FEE":
    case "UTILISATION":
      return { ...reference, value: random() };
    case "SHORT_SALE_THRESHOLD":
      return { ...reference, value: 1 - value };
  }
}

function otherShortVolume(volume: ShortVolume, random: () => number): ShortVolume {
  const totalVolume = volume.totalVolume * (0.5 + random());
  return { ...volume, totalVolume, shortVolume: totalVolume * random(), shortExemptVolume: null };
}
