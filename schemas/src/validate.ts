import {
  checkCount,
  checkCountOrNull,
  checkDate,
  checkHeard,
  checkInstant,
  checkPrice,
  checkPriceOrNull,
  checkSymbol,
  checkText,
  checkTextOrNull,
  checkWithin,
  checkWithinOrNull,
  HEADLINE_LENGTH_MAX,
  type Invalid,
  invalid,
  LATENCY_MS_MAX,
  NAME_LENGTH_MAX,
} from "./domain-checks.ts";
import type { ExcerptByTopic } from "./excerpts.ts";
import type {
  Clock,
  Control,
  CorporateAction,
  FailsToDeliver,
  Halt,
  News,
  Options,
  Position,
  PriceTick,
  Reference,
  ShortInterest,
  ShortVolume,
} from "./generated/events.ts";
import {
  checkAlertRaised,
  checkCircuitBreaker,
  checkHourMetric,
  checkJobRun,
  checkJobTick,
  checkProviderAnswer,
  checkProviderCall,
} from "./operation-checks.ts";
import type { EventOf, TopicName } from "./topics.ts";

/**
 * The edge: what a fact may say, beyond its schema. Corrupt prices are worse than no prices, so a
 * fact that fails here never flows (reliability.md B4, B5, B8, B10). Bad prints that a market can
 * have made stay; the features stage marks them suspect.
 */

export type { Invalid };

const URL_LENGTH_MAX = 2048;
/** The plan of an experiment takes a quarter of it. */
const CONTROL_LENGTH_MAX = 2048;
/** A week; nothing here states longer bars. */
const INTERVAL_MS_MAX = 7 * 86_400_000;
/** Splits beyond a million to one do not happen. */
const SPLIT_RATIO_MAX = 1e6;

interface FactEnvelope {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly source: string;
  readonly confidence: number;
  readonly providerLatencyMs: number | null;
}

/** The source that passed last: a tape has one, and its text is not walked for every tick. */
let passedSource = "";

function checkSource(source: string): Invalid | null {
  if (source === passedSource && source !== "") return null;
  const found = checkText(source, "source", 1, NAME_LENGTH_MAX);
  if (found === null) passedSource = source;
  return found;
}

function checkEnvelope(fact: FactEnvelope): Invalid | null {
  const { capturedAt } = fact;
  return (
    checkSymbol(fact.symbol, "symbol") ??
    checkInstant(capturedAt, "capturedAt") ??
    checkHeard(fact.happenedAt, capturedAt, "happenedAt") ??
    checkHeard(fact.publishedAt, capturedAt, "publishedAt") ??
    checkSource(fact.source) ??
    checkWithin(fact.confidence, "confidence", 0, 1) ??
    checkWithinOrNull(fact.providerLatencyMs, "providerLatencyMs", 0, LATENCY_MS_MAX)
  );
}

function checkRange({ open, high, low, close }: PriceTick): Invalid | null {
  if (high < low) return invalid("domain.high-below-low", "high", `${high} is below low ${low}`);
  if (open > high || close > high) {
    return invalid("domain.outside-range", "high", `${high} is below open or close`);
  }
  if (open < low || close < low) {
    return invalid("domain.outside-range", "low", `${low} is above open or close`);
  }
  return null;
}

function checkPriceTick(tick: PriceTick): Invalid | null {
  return (
    checkEnvelope(tick) ??
    checkWithin(tick.intervalMs, "intervalMs", 0, INTERVAL_MS_MAX) ??
    checkPrice(tick.open, "open") ??
    checkPrice(tick.high, "high") ??
    checkPrice(tick.low, "low") ??
    checkPrice(tick.close, "close") ??
    checkRange(tick) ??
    checkCount(tick.volume, "volume") ??
    checkPriceOrNull(tick.vwap, "vwap") ??
    checkCountOrNull(tick.tradeCount, "tradeCount") ??
    checkPriceOrNull(tick.bid, "bid") ??
    checkPriceOrNull(tick.ask, "ask")
  );
}

function checkCorporateAction(fact: CorporateAction): Invalid | null {
  return (
    checkEnvelope(fact) ?? checkInstant(fact.effectiveAt, "effectiveAt") ?? checkActionTerms(fact)
  );
}

function checkActionTerms({ action, ratio, newSymbol }: CorporateAction): Invalid | null {
  switch (action) {
    case "SPLIT":
      if (ratio === null) return invalid("domain.missing", "ratio", "a split states its ratio");
      return checkWithin(ratio, "ratio", 1 / SPLIT_RATIO_MAX, SPLIT_RATIO_MAX);
    case "SYMBOL_CHANGE":
      if (newSymbol === null) {
        return invalid("domain.missing", "newSymbol", "a symbol change states the new symbol");
      }
      return checkSymbol(newSymbol, "newSymbol");
    case "DELISTING":
      return null;
  }
}

function checkHalt(fact: Halt): Invalid | null {
  return checkEnvelope(fact) ?? checkTextOrNull(fact.reason, "reason", NAME_LENGTH_MAX);
}

function checkReference(fact: Reference): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkReferenceValue(fact) ??
    checkTextOrNull(fact.note, "note", HEADLINE_LENGTH_MAX)
  );
}

function checkReferenceValue({ field, value }: Reference): Invalid | null {
  switch (field) {
    case "FLOAT_SHARES":
    case "SHARES_OUTSTANDING":
      return value === 0
        ? invalid("domain.out-of-range", "value", "no issue has no shares")
        : checkCount(value, "value");
    case "BORROW_FEE":
      // Per year; fees of several hundred percent happen in squeezes, rebates make them negative.
      return checkWithin(value, "value", -1, 100);
    case "UTILISATION":
      return checkWithin(value, "value", 0, 1);
    case "SHORT_SALE_THRESHOLD":
      return value === 0 || value === 1
        ? null
        : invalid("domain.out-of-range", "value", `${value} is neither 0 nor 1`);
  }
}

function checkShortInterest(fact: ShortInterest): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkDate(fact.settlementDate, "settlementDate") ??
    checkCount(fact.sharesShort, "sharesShort") ??
    checkCountOrNull(fact.previousSharesShort, "previousSharesShort") ??
    checkCountOrNull(fact.averageDailyVolume, "averageDailyVolume") ??
    checkCountOrNull(fact.daysToCover, "daysToCover")
  );
}

function checkShortVolume(fact: ShortVolume): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkDate(fact.tradeDate, "tradeDate") ??
    checkCount(fact.totalVolume, "totalVolume") ??
    checkCount(fact.shortVolume, "shortVolume") ??
    checkWithin(fact.shortVolume, "shortVolume", 0, fact.totalVolume) ??
    checkCountOrNull(fact.shortExemptVolume, "shortExemptVolume") ??
    checkText(fact.facilities, "facilities", 0, NAME_LENGTH_MAX)
  );
}

function checkFailsToDeliver(fact: FailsToDeliver): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkDate(fact.settlementDate, "settlementDate") ??
    checkCount(fact.quantity, "quantity") ??
    checkPriceOrNull(fact.price, "price")
  );
}

function checkNews(fact: News): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkText(fact.itemId, "itemId", 1, NAME_LENGTH_MAX) ??
    checkText(fact.headline, "headline", 1, HEADLINE_LENGTH_MAX) ??
    checkTextOrNull(fact.url, "url", URL_LENGTH_MAX) ??
    checkWithinOrNull(fact.polarity, "polarity", -1, 1) ??
    checkWithinOrNull(fact.credibility, "credibility", 0, 1) ??
    (fact.eventAt === null ? null : checkInstant(fact.eventAt, "eventAt"))
  );
}

function checkOptions(fact: Options): Invalid | null {
  return (
    checkEnvelope(fact) ??
    checkPriceOrNull(fact.underlyingPrice, "underlyingPrice") ??
    checkDate(fact.expiry, "expiry") ??
    checkPrice(fact.strike, "strike") ??
    checkCountOrNull(fact.callBid, "callBid") ??
    checkCountOrNull(fact.callAsk, "callAsk") ??
    checkCountOrNull(fact.putBid, "putBid") ??
    checkCountOrNull(fact.putAsk, "putAsk") ??
    checkCountOrNull(fact.callVolume, "callVolume") ??
    checkCountOrNull(fact.putVolume, "putVolume") ??
    checkCountOrNull(fact.callOpenInterest, "callOpenInterest") ??
    checkCountOrNull(fact.putOpenInterest, "putOpenInterest") ??
    checkPriceOrNull(fact.gammaWallStrike, "gammaWallStrike") ??
    checkCountOrNull(fact.volumeRatio, "volumeRatio") ??
    checkWithinOrNull(fact.ivPercentile, "ivPercentile", 0, 100)
  );
}

function checkControl(fact: Control): Invalid | null {
  return (
    checkText(fact.setting, "setting", 1, NAME_LENGTH_MAX) ??
    (fact.value === null ? null : checkText(fact.value, "value", 0, CONTROL_LENGTH_MAX)) ??
    checkInstant(fact.happenedAt, "happenedAt") ??
    checkInstant(fact.publishedAt, "publishedAt") ??
    checkText(fact.actor, "actor", 1, NAME_LENGTH_MAX) ??
    checkText(fact.reason, "reason", 0, HEADLINE_LENGTH_MAX)
  );
}

function checkClock(fact: Clock): Invalid | null {
  return (
    checkInstant(fact.happenedAt, "happenedAt") ??
    checkText(fact.source, "source", 1, NAME_LENGTH_MAX)
  );
}

/** Derived events are computed from facts that passed; what is left is that they are about something. */
function checkDerived(event: { symbol: string; happenedAt: number }): Invalid | null {
  return checkSymbol(event.symbol, "symbol") ?? checkInstant(event.happenedAt, "happenedAt");
}

function checkWithoutSymbol(event: { happenedAt: number }): Invalid | null {
  return checkInstant(event.happenedAt, "happenedAt");
}

/** Short enough for a key, and nothing in it that a path, a terminal or the separator of the key minds. */
const ACCOUNT = /^[A-Za-z0-9._-]{1,64}$/;
/** USD; beyond it a position would be worth more than any company. */
const MARKET_VALUE_MAX = 1e13;

function checkPosition(fact: Position): Invalid | null {
  const { account, quantity, averageEntryPrice, statedMarketValue } = fact;
  if (!ACCOUNT.test(account)) {
    return invalid("domain.account", "account", "an account is 1 to 64 of A-Z, a-z, 0-9 and ._-");
  }
  if (quantity === 0 && averageEntryPrice !== null) {
    return invalid("domain.closed", "averageEntryPrice", "a closed position has no entry price");
  }
  return (
    checkEnvelope(fact) ??
    checkCount(Math.abs(quantity), "quantity") ??
    checkPriceOrNull(averageEntryPrice, "averageEntryPrice") ??
    checkPriceOrNull(fact.statedPrice, "statedPrice") ??
    checkWithinOrNull(statedMarketValue, "statedMarketValue", -MARKET_VALUE_MAX, MARKET_VALUE_MAX)
  );
}

const CHECKS: { readonly [T in TopicName]: (value: EventOf<T>) => Invalid | null } = {
  "market.corporate-action.v1": checkCorporateAction,
  "market.halt.v1": checkHalt,
  "market.reference.v1": checkReference,
  "short.interest.v1": checkShortInterest,
  "short.volume.v1": checkShortVolume,
  "short.fails-to-deliver.v1": checkFailsToDeliver,
  "market.news.v1": checkNews,
  "market.options.v1": checkOptions,
  "market.price-tick.v1": checkPriceTick,
  "ops.control.v1": checkControl,
  "ops.clock.v1": checkClock,
  "signals.features.v1": checkDerived,
  "signals.detection.v1": checkDerived,
  "signals.verdict.v1": checkDerived,
  "discovery.candidate.v1": checkDerived,
  "ops.slot-closed.v1": checkWithoutSymbol,
  "discovery.run.v1": checkWithoutSymbol,
  "discovery.recommendation.v1": checkDerived,
  "alerts.requested.v1": checkDerived,
  "alerts.delivery.v1": checkDerived,
  "ops.stage-timing.v1": checkWithoutSymbol,
  "ops.provider-call.v1": checkProviderCall,
  "ops.circuit-breaker.v1": checkCircuitBreaker,
  "portfolio.position.v1": checkPosition,
  "ops.job-tick.v1": checkJobTick,
  "experiments.result.v1": checkWithoutSymbol,
  "short.quality.v1": checkDerived,
  "ops.job-run.v1": checkJobRun,
  "ops.provider-answer.v1": checkProviderAnswer,
  "ops.alert-raised.v1": checkAlertRaised,
  "ops.hour-metric.v1": checkHourMetric,
  "ops.shadow-slot.v1": checkWithoutSymbol,
  "discovery.shadow-run.v1": checkWithoutSymbol,
};

/** The first thing wrong with an event, or null. About 0.05 us for a tick. */
export function validateFact<T extends TopicName>(topic: T, value: EventOf<T>): Invalid | null {
  return CHECKS[topic](value);
}

/** Every excerpt holds what its check looks at. */
const EXCERPT_CHECKS: {
  readonly [T in TopicName]: (value: ExcerptByTopic[T]) => Invalid | null;
} = {
  ...CHECKS,
  "signals.features.v1": checkDerived,
  "signals.detection.v1": checkDerived,
  "signals.verdict.v1": checkDerived,
};

/** As `validateFact`, of an excerpt or of the whole event. */
export function validateExcerpt<T extends TopicName>(
  topic: T,
  value: ExcerptByTopic[T],
): Invalid | null {
  return EXCERPT_CHECKS[topic](value);
}
