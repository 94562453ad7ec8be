// Generated from schemas/avro by `npm run generate`. Do not edit.
import { endArray, startArray, startRecord, writeBoolean, writeDouble, writeEnum, writeInt, writeLong, writePresent, writeString } from "../avro-writer.ts";
import { readArray, readBoolean, readDouble, readEnum, readInt, readLong, readPresent, readString, skipArray, skipDouble, skipOptionalDoubles, skipString } from "../avro-reader.ts";
import type { ExcerptOf } from "../excerpts.ts";
import type { EventOf, TopicName } from "../topics.ts";
import type { AlertRaised, AskedParameter, Candidate, CircuitBreaker, Clock, Component, ConfidenceBucket, Contribution, Control, CorporateAction, Cut, Delivery, Detection, ExperimentMetric, ExperimentResult, Exposure, FailsToDeliver, Features, GateCount, GateResult, Halt, HourMetric, Input, JobRun, JobTick, Missing, News, Options, Position, PriceTick, ProviderAnswer, ProviderCall, RankedCandidate, Recommendation, Reference, Requested, Run, ShadowCandidate, ShadowRun, ShadowSlot, ShortInterest, ShortQuality, ShortVolume, SlotClosed, SoftPenalty, StageCount, StageTiming, UniverseReduction, Verdict } from "./events.ts";

const CORPORATE_ACTION_KIND = ["SPLIT", "SYMBOL_CHANGE", "DELISTING"] as const;
const HALT_STATUS = ["HALTED", "RESUMED"] as const;
const REFERENCE_FIELD = ["FLOAT_SHARES", "SHARES_OUTSTANDING", "BORROW_FEE", "UTILISATION", "SHORT_SALE_THRESHOLD"] as const;
const PRECISION = ["EXACT", "ROUNDED", "BOUND"] as const;
const SHORT_INTEREST_PRECISION = ["EXACT", "ROUNDED"] as const;
const TIME_PRECISION = ["INSTANT", "DAY"] as const;
const TICK_KIND = ["BAR", "TRADE", "QUOTE"] as const;
const VOLUME_SCOPE = ["CONSOLIDATED", "REGULAR", "EXTENDED", "VENUE"] as const;
const TRIGGER = ["SLOT", "CROSSING", "DAILY", "SLICE"] as const;
const SESSION = ["PREMARKET", "REGULAR", "AFTERHOURS", "OVERNIGHT", "CLOSED"] as const;
const FEATURES_EXCERPT_V1SKIPPED = ["dayOpen", "dayHigh", "dayLow"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V2 = ["sessionVolume", "extendedVolume", "dollarVolume", "adv30", "adv5", "volumeSpikeRaw"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V3 = ["volumeSpikeEarly", "volumeSpikeConfirmation"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V4 = ["relvol5", "atr14"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V5 = ["rsi14Live"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V6 = ["ema9Live", "ema20Live", "macd", "macdSignal", "macdHistogram"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V7 = ["priceChange5d", "high20", "floatShares"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V8 = ["sharesOutstanding", "floatRatio", "sharesShort"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V9 = ["sharesShortChange", "shortVolumeFraction"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V10 = ["borrowFee", "utilisation", "atmIv", "ivPercentile", "callPutRatio", "gammaWallStrike", "optionsVolumeRatio", "optionsConfidence", "newsSentiment"] as const;
const FEATURES_EXCERPT_V1SKIPPED_V11 = ["newsConfidence", "socialRank", "nextEventDays"] as const;
const FEATURES_EXCERPT_V2SKIPPED = ["shortInterestQuality"] as const;
const DETECTION_EXCERPT_V1COMPONENTS_SKIPPED = ["components.value"] as const;
const LABEL = ["NONE", "WATCHLIST", "TRADE_READY"] as const;
const GATE_OUTCOME = ["PASSED", "FAILED", "NOT_APPLICABLE"] as const;
const VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED = ["contributions.score"] as const;
const VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED_V2 = ["contributions.contribution", "contributions.confidence"] as const;
const VERDICT_EXCERPT_V1SKIPPED = ["sharesShort", "shortFraction", "daysToCover"] as const;
const VERDICT_EXCERPT_V1SKIPPED_V2 = ["volumeSpike"] as const;
const VERDICT_EXCERPT_V2SKIPPED = ["shortInterestQuality", "volumeSpike"] as const;
const PRIORITY = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
const DELIVERY_STATUS = ["SENT", "DELIVERED", "FAILED", "RETRY"] as const;
const BREAKER_CHANGE = ["OPENED", "HALF_OPENED", "CLOSED"] as const;
const POSITION_BASIS = ["STATED", "ABSENT"] as const;
const SOURCE_AGREEMENT = ["HIGH", "MEDIUM", "LOW", "STALE"] as const;
const JOB_RUN_STATE = ["STARTED", "SUCCEEDED", "FAILED", "SKIPPED"] as const;
const OPERATIONAL_SEVERITY = ["INFO", "WARNING", "CRITICAL"] as const;
const HOUR_VERDICT = ["USUAL", "ANOMALOUS", "UNKNOWN"] as const;

function writeCorporateAction(value: CorporateAction): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeEnum(CORPORATE_ACTION_KIND, value.action, "action");
  writeLong(value.effectiveAt, "effectiveAt");
  if (writePresent(value.ratio)) { writeDouble(value.ratio, "ratio"); }
  if (writePresent(value.newSymbol)) { writeString(value.newSymbol, "newSymbol"); }
}

function readCorporateActionV1(): CorporateAction {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const action = readEnum(CORPORATE_ACTION_KIND, "action");
  const effectiveAt = readLong("effectiveAt");
  const ratio = readPresent("ratio") ? readDouble("ratio") : null;
  const newSymbol = readPresent("newSymbol") ? readString("newSymbol") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, action, effectiveAt, ratio, newSymbol };
}

function writeHalt(value: Halt): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeEnum(HALT_STATUS, value.status, "status");
  if (writePresent(value.reason)) { writeString(value.reason, "reason"); }
}

function readHaltV1(): Halt {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const status = readEnum(HALT_STATUS, "status");
  const reason = readPresent("reason") ? readString("reason") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, status, reason };
}

function writeReference(value: Reference): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeEnum(REFERENCE_FIELD, value.field, "field");
  writeDouble(value.value, "value");
  writeEnum(PRECISION, value.precision, "precision");
  if (writePresent(value.note)) { writeString(value.note, "note"); }
}

function readReferenceV1(): Reference {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const field = readEnum(REFERENCE_FIELD, "field");
  const value = readDouble("value");
  const precision = readEnum(PRECISION, "precision");
  const note = readPresent("note") ? readString("note") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, field, value, precision, note };
}

function writeShortInterest(value: ShortInterest): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeString(value.settlementDate, "settlementDate");
  writeLong(value.sharesShort, "sharesShort");
  if (writePresent(value.previousSharesShort)) { writeLong(value.previousSharesShort, "previousSharesShort"); }
  if (writePresent(value.averageDailyVolume)) { writeDouble(value.averageDailyVolume, "averageDailyVolume"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  writeEnum(SHORT_INTEREST_PRECISION, value.precision, "precision");
  writeBoolean(value.revision, "revision");
}

function readShortInterestV1(): ShortInterest {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const settlementDate = readString("settlementDate");
  const sharesShort = readLong("sharesShort");
  const previousSharesShort = readPresent("previousSharesShort") ? readLong("previousSharesShort") : null;
  const averageDailyVolume = readPresent("averageDailyVolume") ? readDouble("averageDailyVolume") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const precision = readEnum(SHORT_INTEREST_PRECISION, "precision");
  const revision = readBoolean("revision");
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, settlementDate, sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision, revision };
}

function writeShortVolume(value: ShortVolume): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeString(value.tradeDate, "tradeDate");
  writeDouble(value.shortVolume, "shortVolume");
  if (writePresent(value.shortExemptVolume)) { writeDouble(value.shortExemptVolume, "shortExemptVolume"); }
  writeDouble(value.totalVolume, "totalVolume");
  writeString(value.facilities, "facilities");
}

function readShortVolumeV1(): ShortVolume {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const tradeDate = readString("tradeDate");
  const shortVolume = readDouble("shortVolume");
  const shortExemptVolume = readPresent("shortExemptVolume") ? readDouble("shortExemptVolume") : null;
  const totalVolume = readDouble("totalVolume");
  const facilities = readString("facilities");
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, tradeDate, shortVolume, shortExemptVolume, totalVolume, facilities };
}

function writeFailsToDeliver(value: FailsToDeliver): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeString(value.settlementDate, "settlementDate");
  writeLong(value.quantity, "quantity");
  if (writePresent(value.price)) { writeDouble(value.price, "price"); }
}

function readFailsToDeliverV1(): FailsToDeliver {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const settlementDate = readString("settlementDate");
  const quantity = readLong("quantity");
  const price = readPresent("price") ? readDouble("price") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, settlementDate, quantity, price };
}

function writeNews(value: News): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeString(value.itemId, "itemId");
  writeString(value.headline, "headline");
  if (writePresent(value.url)) { writeString(value.url, "url"); }
  writeEnum(TIME_PRECISION, value.timePrecision, "timePrecision");
  if (writePresent(value.polarity)) { writeDouble(value.polarity, "polarity"); }
  if (writePresent(value.credibility)) { writeDouble(value.credibility, "credibility"); }
  if (writePresent(value.eventAt)) { writeLong(value.eventAt, "eventAt"); }
}

function readNewsV1(): News {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const itemId = readString("itemId");
  const headline = readString("headline");
  const url = readPresent("url") ? readString("url") : null;
  const timePrecision = readEnum(TIME_PRECISION, "timePrecision");
  const polarity = readPresent("polarity") ? readDouble("polarity") : null;
  const credibility = readPresent("credibility") ? readDouble("credibility") : null;
  const eventAt = readPresent("eventAt") ? readLong("eventAt") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, itemId, headline, url, timePrecision, polarity, credibility, eventAt };
}

function writeOptions(value: Options): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  if (writePresent(value.underlyingPrice)) { writeDouble(value.underlyingPrice, "underlyingPrice"); }
  writeString(value.expiry, "expiry");
  writeDouble(value.strike, "strike");
  if (writePresent(value.callBid)) { writeDouble(value.callBid, "callBid"); }
  if (writePresent(value.callAsk)) { writeDouble(value.callAsk, "callAsk"); }
  if (writePresent(value.putBid)) { writeDouble(value.putBid, "putBid"); }
  if (writePresent(value.putAsk)) { writeDouble(value.putAsk, "putAsk"); }
  if (writePresent(value.callVolume)) { writeDouble(value.callVolume, "callVolume"); }
  if (writePresent(value.putVolume)) { writeDouble(value.putVolume, "putVolume"); }
  if (writePresent(value.callOpenInterest)) { writeDouble(value.callOpenInterest, "callOpenInterest"); }
  if (writePresent(value.putOpenInterest)) { writeDouble(value.putOpenInterest, "putOpenInterest"); }
  if (writePresent(value.gammaWallStrike)) { writeDouble(value.gammaWallStrike, "gammaWallStrike"); }
  if (writePresent(value.volumeRatio)) { writeDouble(value.volumeRatio, "volumeRatio"); }
  if (writePresent(value.ivPercentile)) { writeDouble(value.ivPercentile, "ivPercentile"); }
}

function readOptionsV1(): Options {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const underlyingPrice = readPresent("underlyingPrice") ? readDouble("underlyingPrice") : null;
  const expiry = readString("expiry");
  const strike = readDouble("strike");
  const callBid = readPresent("callBid") ? readDouble("callBid") : null;
  const callAsk = readPresent("callAsk") ? readDouble("callAsk") : null;
  const putBid = readPresent("putBid") ? readDouble("putBid") : null;
  const putAsk = readPresent("putAsk") ? readDouble("putAsk") : null;
  const callVolume = readPresent("callVolume") ? readDouble("callVolume") : null;
  const putVolume = readPresent("putVolume") ? readDouble("putVolume") : null;
  const callOpenInterest = readPresent("callOpenInterest") ? readDouble("callOpenInterest") : null;
  const putOpenInterest = readPresent("putOpenInterest") ? readDouble("putOpenInterest") : null;
  const gammaWallStrike = readPresent("gammaWallStrike") ? readDouble("gammaWallStrike") : null;
  const volumeRatio = readPresent("volumeRatio") ? readDouble("volumeRatio") : null;
  const ivPercentile = readPresent("ivPercentile") ? readDouble("ivPercentile") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, underlyingPrice, expiry, strike, callBid, callAsk, putBid, putAsk, callVolume, putVolume, callOpenInterest, putOpenInterest, gammaWallStrike, volumeRatio, ivPercentile };
}

function writePriceTick(value: PriceTick): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeEnum(TICK_KIND, value.kind, "kind");
  writeLong(value.intervalMs, "intervalMs");
  writeDouble(value.open, "open");
  writeDouble(value.high, "high");
  writeDouble(value.low, "low");
  writeDouble(value.close, "close");
  writeDouble(value.volume, "volume");
  writeEnum(VOLUME_SCOPE, value.volumeScope, "volumeScope");
  if (writePresent(value.vwap)) { writeDouble(value.vwap, "vwap"); }
  if (writePresent(value.tradeCount)) { writeLong(value.tradeCount, "tradeCount"); }
  if (writePresent(value.bid)) { writeDouble(value.bid, "bid"); }
  if (writePresent(value.ask)) { writeDouble(value.ask, "ask"); }
  writeBoolean(value.auction, "auction");
}

function readPriceTickV1(): PriceTick {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const kind = readEnum(TICK_KIND, "kind");
  const intervalMs = readLong("intervalMs");
  const open = readDouble("open");
  const high = readDouble("high");
  const low = readDouble("low");
  const close = readDouble("close");
  const volume = readDouble("volume");
  const volumeScope = readEnum(VOLUME_SCOPE, "volumeScope");
  const vwap = readPresent("vwap") ? readDouble("vwap") : null;
  const tradeCount = readPresent("tradeCount") ? readLong("tradeCount") : null;
  const bid = readPresent("bid") ? readDouble("bid") : null;
  const ask = readPresent("ask") ? readDouble("ask") : null;
  const auction = readBoolean("auction");
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, kind, intervalMs, open, high, low, close, volume, volumeScope, vwap, tradeCount, bid, ask, auction };
}

function writeControl(value: Control): void {
  writeString(value.setting, "setting");
  if (writePresent(value.value)) { writeString(value.value, "value"); }
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeString(value.actor, "actor");
  writeString(value.reason, "reason");
}

function readControlV1(): Control {
  const setting = readString("setting");
  const value = readPresent("value") ? readString("value") : null;
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const actor = readString("actor");
  const reason = readString("reason");
  return { setting, value, happenedAt, publishedAt, actor, reason };
}

function writeClockCuts(value: Cut): void {
  writeString(value.topic, "cuts.topic");
  writeLong(value.endOffset, "cuts.endOffset");
}

function writeClock(value: Clock): void {
  writeLong(value.happenedAt, "happenedAt");
  startArray(64, value.cuts, "cuts"); for (const item of value.cuts) writeClockCuts(item); endArray();
  writeBoolean(value.discovery, "discovery");
  writeString(value.source, "source");
}

function readClockV1Cuts(): Cut {
  const topic = readString("cuts.topic");
  const endOffset = readLong("cuts.endOffset");
  return { topic, endOffset };
}

function readClockV1(): Clock {
  const happenedAt = readLong("happenedAt");
  const cuts = readArray(64, 2, "cuts", readClockV1Cuts);
  const discovery = readBoolean("discovery");
  const source = readString("source");
  return { happenedAt, cuts, discovery, source };
}

function writeFeaturesMissing(value: Missing): void {
  writeString(value.feature, "missing.feature");
  writeString(value.reason, "missing.reason");
  if (writePresent(value.have)) { writeInt(value.have, "missing.have"); }
  if (writePresent(value.need)) { writeInt(value.need, "missing.need"); }
}

function writeFeaturesInputs(value: Input): void {
  writeString(value.role, "inputs.role");
  writeString(value.topic, "inputs.topic");
  writeString(value.source, "inputs.source");
  writeDouble(value.confidence, "inputs.confidence");
  writeString(value.firstId, "inputs.firstId");
  writeString(value.lastId, "inputs.lastId");
  writeInt(value.count, "inputs.count");
  writeString(value.hash, "inputs.hash");
  writeLong(value.happenedAt, "inputs.happenedAt");
  writeLong(value.publishedAt, "inputs.publishedAt");
}

function writeFeatures(value: Features): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeEnum(TRIGGER, value.trigger, "trigger");
  if (writePresent(value.slot)) { writeLong(value.slot, "slot"); }
  writeEnum(SESSION, value.session, "session");
  writeString(value.tradingDay, "tradingDay");
  startArray(64, value.crossings, "crossings"); for (const item of value.crossings) writeString(item, "crossings"); endArray();
  if (writePresent(value.price)) { writeDouble(value.price, "price"); }
  if (writePresent(value.priceAt)) { writeLong(value.priceAt, "priceAt"); }
  if (writePresent(value.prevClose)) { writeDouble(value.prevClose, "prevClose"); }
  if (writePresent(value.dayOpen)) { writeDouble(value.dayOpen, "dayOpen"); }
  if (writePresent(value.dayHigh)) { writeDouble(value.dayHigh, "dayHigh"); }
  if (writePresent(value.dayLow)) { writeDouble(value.dayLow, "dayLow"); }
  if (writePresent(value.vwap)) { writeDouble(value.vwap, "vwap"); }
  if (writePresent(value.sessionVolume)) { writeDouble(value.sessionVolume, "sessionVolume"); }
  if (writePresent(value.extendedVolume)) { writeDouble(value.extendedVolume, "extendedVolume"); }
  if (writePresent(value.dollarVolume)) { writeDouble(value.dollarVolume, "dollarVolume"); }
  if (writePresent(value.adv30)) { writeDouble(value.adv30, "adv30"); }
  if (writePresent(value.adv5)) { writeDouble(value.adv5, "adv5"); }
  if (writePresent(value.volumeSpikeRaw)) { writeDouble(value.volumeSpikeRaw, "volumeSpikeRaw"); }
  if (writePresent(value.volumeSpike)) { writeDouble(value.volumeSpike, "volumeSpike"); }
  if (writePresent(value.volumeSpikeEarly)) { writeDouble(value.volumeSpikeEarly, "volumeSpikeEarly"); }
  if (writePresent(value.volumeSpikeConfirmation)) { writeDouble(value.volumeSpikeConfirmation, "volumeSpikeConfirmation"); }
  if (writePresent(value.relvol30)) { writeDouble(value.relvol30, "relvol30"); }
  if (writePresent(value.relvol5)) { writeDouble(value.relvol5, "relvol5"); }
  if (writePresent(value.atr14)) { writeDouble(value.atr14, "atr14"); }
  if (writePresent(value.atrPct)) { writeDouble(value.atrPct, "atrPct"); }
  if (writePresent(value.rsi14)) { writeDouble(value.rsi14, "rsi14"); }
  if (writePresent(value.rsi14Live)) { writeDouble(value.rsi14Live, "rsi14Live"); }
  if (writePresent(value.ema9)) { writeDouble(value.ema9, "ema9"); }
  if (writePresent(value.ema20)) { writeDouble(value.ema20, "ema20"); }
  if (writePresent(value.ema9Live)) { writeDouble(value.ema9Live, "ema9Live"); }
  if (writePresent(value.ema20Live)) { writeDouble(value.ema20Live, "ema20Live"); }
  if (writePresent(value.macd)) { writeDouble(value.macd, "macd"); }
  if (writePresent(value.macdSignal)) { writeDouble(value.macdSignal, "macdSignal"); }
  if (writePresent(value.macdHistogram)) { writeDouble(value.macdHistogram, "macdHistogram"); }
  if (writePresent(value.uptrendDays)) { writeInt(value.uptrendDays, "uptrendDays"); }
  if (writePresent(value.priceChange5d)) { writeDouble(value.priceChange5d, "priceChange5d"); }
  if (writePresent(value.high20)) { writeDouble(value.high20, "high20"); }
  if (writePresent(value.floatShares)) { writeDouble(value.floatShares, "floatShares"); }
  if (writePresent(value.floatPrecision)) { writeString(value.floatPrecision, "floatPrecision"); }
  if (writePresent(value.sharesOutstanding)) { writeDouble(value.sharesOutstanding, "sharesOutstanding"); }
  if (writePresent(value.floatRatio)) { writeDouble(value.floatRatio, "floatRatio"); }
  if (writePresent(value.sharesShort)) { writeDouble(value.sharesShort, "sharesShort"); }
  if (writePresent(value.shortSettlementDate)) { writeString(value.shortSettlementDate, "shortSettlementDate"); }
  if (writePresent(value.shortPublishedAt)) { writeLong(value.shortPublishedAt, "shortPublishedAt"); }
  if (writePresent(value.shortInterestQuality)) { writeDouble(value.shortInterestQuality, "shortInterestQuality"); }
  if (writePresent(value.shortFraction)) { writeDouble(value.shortFraction, "shortFraction"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  if (writePresent(value.sharesShortChange)) { writeDouble(value.sharesShortChange, "sharesShortChange"); }
  if (writePresent(value.shortVolumeFraction)) { writeDouble(value.shortVolumeFraction, "shortVolumeFraction"); }
  if (writePresent(value.failsToDeliverFlag)) { writeBoolean(value.failsToDeliverFlag, "failsToDeliverFlag"); }
  if (writePresent(value.thresholdFlag)) { writeBoolean(value.thresholdFlag, "thresholdFlag"); }
  if (writePresent(value.borrowFee)) { writeDouble(value.borrowFee, "borrowFee"); }
  if (writePresent(value.utilisation)) { writeDouble(value.utilisation, "utilisation"); }
  if (writePresent(value.atmIv)) { writeDouble(value.atmIv, "atmIv"); }
  if (writePresent(value.ivPercentile)) { writeDouble(value.ivPercentile, "ivPercentile"); }
  if (writePresent(value.callPutRatio)) { writeDouble(value.callPutRatio, "callPutRatio"); }
  if (writePresent(value.gammaWallStrike)) { writeDouble(value.gammaWallStrike, "gammaWallStrike"); }
  if (writePresent(value.optionsVolumeRatio)) { writeDouble(value.optionsVolumeRatio, "optionsVolumeRatio"); }
  if (writePresent(value.optionsConfidence)) { writeDouble(value.optionsConfidence, "optionsConfidence"); }
  if (writePresent(value.newsSentiment)) { writeDouble(value.newsSentiment, "newsSentiment"); }
  writeInt(value.newsSources, "newsSources");
  if (writePresent(value.newsConfidence)) { writeDouble(value.newsConfidence, "newsConfidence"); }
  if (writePresent(value.socialRank)) { writeDouble(value.socialRank, "socialRank"); }
  if (writePresent(value.nextEventDays)) { writeDouble(value.nextEventDays, "nextEventDays"); }
  startArray(64, value.flags, "flags"); for (const item of value.flags) writeString(item, "flags"); endArray();
  writeInt(value.completedSessions, "completedSessions");
  writeBoolean(value.intraday, "intraday");
  startArray(256, value.missing, "missing"); for (const item of value.missing) writeFeaturesMissing(item); endArray();
  startArray(64, value.inputs, "inputs"); for (const item of value.inputs) writeFeaturesInputs(item); endArray();
}

function readFeaturesV1Missing(): Missing {
  const feature = readString("missing.feature");
  const reason = readString("missing.reason");
  const have = readPresent("missing.have") ? readInt("missing.have") : null;
  const need = readPresent("missing.need") ? readInt("missing.need") : null;
  return { feature, reason, have, need };
}

function readFeaturesV1Inputs(): Input {
  const role = readString("inputs.role");
  const topic = readString("inputs.topic");
  const source = readString("inputs.source");
  const confidence = readDouble("inputs.confidence");
  const firstId = readString("inputs.firstId");
  const lastId = readString("inputs.lastId");
  const count = readInt("inputs.count");
  const hash = readString("inputs.hash");
  const happenedAt = readLong("inputs.happenedAt");
  const publishedAt = readLong("inputs.publishedAt");
  return { role, topic, source, confidence, firstId, lastId, count, hash, happenedAt, publishedAt };
}

function readFeaturesV1(): Features {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const crossings = readArray(64, 1, "crossings", readString);
  const price = readPresent("price") ? readDouble("price") : null;
  const priceAt = readPresent("priceAt") ? readLong("priceAt") : null;
  const prevClose = readPresent("prevClose") ? readDouble("prevClose") : null;
  const dayOpen = readPresent("dayOpen") ? readDouble("dayOpen") : null;
  const dayHigh = readPresent("dayHigh") ? readDouble("dayHigh") : null;
  const dayLow = readPresent("dayLow") ? readDouble("dayLow") : null;
  const vwap = readPresent("vwap") ? readDouble("vwap") : null;
  const sessionVolume = readPresent("sessionVolume") ? readDouble("sessionVolume") : null;
  const extendedVolume = readPresent("extendedVolume") ? readDouble("extendedVolume") : null;
  const dollarVolume = readPresent("dollarVolume") ? readDouble("dollarVolume") : null;
  const adv30 = readPresent("adv30") ? readDouble("adv30") : null;
  const adv5 = readPresent("adv5") ? readDouble("adv5") : null;
  const volumeSpikeRaw = readPresent("volumeSpikeRaw") ? readDouble("volumeSpikeRaw") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const volumeSpikeEarly = readPresent("volumeSpikeEarly") ? readDouble("volumeSpikeEarly") : null;
  const volumeSpikeConfirmation = readPresent("volumeSpikeConfirmation") ? readDouble("volumeSpikeConfirmation") : null;
  const relvol30 = readPresent("relvol30") ? readDouble("relvol30") : null;
  const relvol5 = readPresent("relvol5") ? readDouble("relvol5") : null;
  const atr14 = readPresent("atr14") ? readDouble("atr14") : null;
  const atrPct = readPresent("atrPct") ? readDouble("atrPct") : null;
  const rsi14 = readPresent("rsi14") ? readDouble("rsi14") : null;
  const rsi14Live = readPresent("rsi14Live") ? readDouble("rsi14Live") : null;
  const ema9 = readPresent("ema9") ? readDouble("ema9") : null;
  const ema20 = readPresent("ema20") ? readDouble("ema20") : null;
  const ema9Live = readPresent("ema9Live") ? readDouble("ema9Live") : null;
  const ema20Live = readPresent("ema20Live") ? readDouble("ema20Live") : null;
  const macd = readPresent("macd") ? readDouble("macd") : null;
  const macdSignal = readPresent("macdSignal") ? readDouble("macdSignal") : null;
  const macdHistogram = readPresent("macdHistogram") ? readDouble("macdHistogram") : null;
  const uptrendDays = readPresent("uptrendDays") ? readInt("uptrendDays") : null;
  const priceChange5d = readPresent("priceChange5d") ? readDouble("priceChange5d") : null;
  const high20 = readPresent("high20") ? readDouble("high20") : null;
  const floatShares = readPresent("floatShares") ? readDouble("floatShares") : null;
  const floatPrecision = readPresent("floatPrecision") ? readString("floatPrecision") : null;
  const sharesOutstanding = readPresent("sharesOutstanding") ? readDouble("sharesOutstanding") : null;
  const floatRatio = readPresent("floatRatio") ? readDouble("floatRatio") : null;
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortSettlementDate = readPresent("shortSettlementDate") ? readString("shortSettlementDate") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const sharesShortChange = readPresent("sharesShortChange") ? readDouble("sharesShortChange") : null;
  const shortVolumeFraction = readPresent("shortVolumeFraction") ? readDouble("shortVolumeFraction") : null;
  const failsToDeliverFlag = readPresent("failsToDeliverFlag") ? readBoolean("failsToDeliverFlag") : null;
  const thresholdFlag = readPresent("thresholdFlag") ? readBoolean("thresholdFlag") : null;
  const borrowFee = readPresent("borrowFee") ? readDouble("borrowFee") : null;
  const utilisation = readPresent("utilisation") ? readDouble("utilisation") : null;
  const atmIv = readPresent("atmIv") ? readDouble("atmIv") : null;
  const ivPercentile = readPresent("ivPercentile") ? readDouble("ivPercentile") : null;
  const callPutRatio = readPresent("callPutRatio") ? readDouble("callPutRatio") : null;
  const gammaWallStrike = readPresent("gammaWallStrike") ? readDouble("gammaWallStrike") : null;
  const optionsVolumeRatio = readPresent("optionsVolumeRatio") ? readDouble("optionsVolumeRatio") : null;
  const optionsConfidence = readPresent("optionsConfidence") ? readDouble("optionsConfidence") : null;
  const newsSentiment = readPresent("newsSentiment") ? readDouble("newsSentiment") : null;
  const newsSources = readInt("newsSources");
  const newsConfidence = readPresent("newsConfidence") ? readDouble("newsConfidence") : null;
  const socialRank = readPresent("socialRank") ? readDouble("socialRank") : null;
  const nextEventDays = readPresent("nextEventDays") ? readDouble("nextEventDays") : null;
  const flags = readArray(64, 1, "flags", readString);
  const completedSessions = readInt("completedSessions");
  const intraday = readBoolean("intraday");
  const missing = readArray(256, 4, "missing", readFeaturesV1Missing);
  const inputs = readArray(64, 17, "inputs", readFeaturesV1Inputs);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot, session, tradingDay, crossings, price, priceAt, prevClose, dayOpen, dayHigh, dayLow, vwap, sessionVolume, extendedVolume, dollarVolume, adv30, adv5, volumeSpikeRaw, volumeSpike, volumeSpikeEarly, volumeSpikeConfirmation, relvol30, relvol5, atr14, atrPct, rsi14, rsi14Live, ema9, ema20, ema9Live, ema20Live, macd, macdSignal, macdHistogram, uptrendDays, priceChange5d, high20, floatShares, floatPrecision, sharesOutstanding, floatRatio, sharesShort, shortSettlementDate, shortPublishedAt, shortInterestQuality: null, shortFraction, daysToCover, sharesShortChange, shortVolumeFraction, failsToDeliverFlag, thresholdFlag, borrowFee, utilisation, atmIv, ivPercentile, callPutRatio, gammaWallStrike, optionsVolumeRatio, optionsConfidence, newsSentiment, newsSources, newsConfidence, socialRank, nextEventDays, flags, completedSessions, intraday, missing, inputs };
}

function readFeaturesV2Missing(): Missing {
  const feature = readString("missing.feature");
  const reason = readString("missing.reason");
  const have = readPresent("missing.have") ? readInt("missing.have") : null;
  const need = readPresent("missing.need") ? readInt("missing.need") : null;
  return { feature, reason, have, need };
}

function readFeaturesV2Inputs(): Input {
  const role = readString("inputs.role");
  const topic = readString("inputs.topic");
  const source = readString("inputs.source");
  const confidence = readDouble("inputs.confidence");
  const firstId = readString("inputs.firstId");
  const lastId = readString("inputs.lastId");
  const count = readInt("inputs.count");
  const hash = readString("inputs.hash");
  const happenedAt = readLong("inputs.happenedAt");
  const publishedAt = readLong("inputs.publishedAt");
  return { role, topic, source, confidence, firstId, lastId, count, hash, happenedAt, publishedAt };
}

function readFeaturesV2(): Features {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const crossings = readArray(64, 1, "crossings", readString);
  const price = readPresent("price") ? readDouble("price") : null;
  const priceAt = readPresent("priceAt") ? readLong("priceAt") : null;
  const prevClose = readPresent("prevClose") ? readDouble("prevClose") : null;
  const dayOpen = readPresent("dayOpen") ? readDouble("dayOpen") : null;
  const dayHigh = readPresent("dayHigh") ? readDouble("dayHigh") : null;
  const dayLow = readPresent("dayLow") ? readDouble("dayLow") : null;
  const vwap = readPresent("vwap") ? readDouble("vwap") : null;
  const sessionVolume = readPresent("sessionVolume") ? readDouble("sessionVolume") : null;
  const extendedVolume = readPresent("extendedVolume") ? readDouble("extendedVolume") : null;
  const dollarVolume = readPresent("dollarVolume") ? readDouble("dollarVolume") : null;
  const adv30 = readPresent("adv30") ? readDouble("adv30") : null;
  const adv5 = readPresent("adv5") ? readDouble("adv5") : null;
  const volumeSpikeRaw = readPresent("volumeSpikeRaw") ? readDouble("volumeSpikeRaw") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const volumeSpikeEarly = readPresent("volumeSpikeEarly") ? readDouble("volumeSpikeEarly") : null;
  const volumeSpikeConfirmation = readPresent("volumeSpikeConfirmation") ? readDouble("volumeSpikeConfirmation") : null;
  const relvol30 = readPresent("relvol30") ? readDouble("relvol30") : null;
  const relvol5 = readPresent("relvol5") ? readDouble("relvol5") : null;
  const atr14 = readPresent("atr14") ? readDouble("atr14") : null;
  const atrPct = readPresent("atrPct") ? readDouble("atrPct") : null;
  const rsi14 = readPresent("rsi14") ? readDouble("rsi14") : null;
  const rsi14Live = readPresent("rsi14Live") ? readDouble("rsi14Live") : null;
  const ema9 = readPresent("ema9") ? readDouble("ema9") : null;
  const ema20 = readPresent("ema20") ? readDouble("ema20") : null;
  const ema9Live = readPresent("ema9Live") ? readDouble("ema9Live") : null;
  const ema20Live = readPresent("ema20Live") ? readDouble("ema20Live") : null;
  const macd = readPresent("macd") ? readDouble("macd") : null;
  const macdSignal = readPresent("macdSignal") ? readDouble("macdSignal") : null;
  const macdHistogram = readPresent("macdHistogram") ? readDouble("macdHistogram") : null;
  const uptrendDays = readPresent("uptrendDays") ? readInt("uptrendDays") : null;
  const priceChange5d = readPresent("priceChange5d") ? readDouble("priceChange5d") : null;
  const high20 = readPresent("high20") ? readDouble("high20") : null;
  const floatShares = readPresent("floatShares") ? readDouble("floatShares") : null;
  const floatPrecision = readPresent("floatPrecision") ? readString("floatPrecision") : null;
  const sharesOutstanding = readPresent("sharesOutstanding") ? readDouble("sharesOutstanding") : null;
  const floatRatio = readPresent("floatRatio") ? readDouble("floatRatio") : null;
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortSettlementDate = readPresent("shortSettlementDate") ? readString("shortSettlementDate") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const shortInterestQuality = readPresent("shortInterestQuality") ? readDouble("shortInterestQuality") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const sharesShortChange = readPresent("sharesShortChange") ? readDouble("sharesShortChange") : null;
  const shortVolumeFraction = readPresent("shortVolumeFraction") ? readDouble("shortVolumeFraction") : null;
  const failsToDeliverFlag = readPresent("failsToDeliverFlag") ? readBoolean("failsToDeliverFlag") : null;
  const thresholdFlag = readPresent("thresholdFlag") ? readBoolean("thresholdFlag") : null;
  const borrowFee = readPresent("borrowFee") ? readDouble("borrowFee") : null;
  const utilisation = readPresent("utilisation") ? readDouble("utilisation") : null;
  const atmIv = readPresent("atmIv") ? readDouble("atmIv") : null;
  const ivPercentile = readPresent("ivPercentile") ? readDouble("ivPercentile") : null;
  const callPutRatio = readPresent("callPutRatio") ? readDouble("callPutRatio") : null;
  const gammaWallStrike = readPresent("gammaWallStrike") ? readDouble("gammaWallStrike") : null;
  const optionsVolumeRatio = readPresent("optionsVolumeRatio") ? readDouble("optionsVolumeRatio") : null;
  const optionsConfidence = readPresent("optionsConfidence") ? readDouble("optionsConfidence") : null;
  const newsSentiment = readPresent("newsSentiment") ? readDouble("newsSentiment") : null;
  const newsSources = readInt("newsSources");
  const newsConfidence = readPresent("newsConfidence") ? readDouble("newsConfidence") : null;
  const socialRank = readPresent("socialRank") ? readDouble("socialRank") : null;
  const nextEventDays = readPresent("nextEventDays") ? readDouble("nextEventDays") : null;
  const flags = readArray(64, 1, "flags", readString);
  const completedSessions = readInt("completedSessions");
  const intraday = readBoolean("intraday");
  const missing = readArray(256, 4, "missing", readFeaturesV2Missing);
  const inputs = readArray(64, 17, "inputs", readFeaturesV2Inputs);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot, session, tradingDay, crossings, price, priceAt, prevClose, dayOpen, dayHigh, dayLow, vwap, sessionVolume, extendedVolume, dollarVolume, adv30, adv5, volumeSpikeRaw, volumeSpike, volumeSpikeEarly, volumeSpikeConfirmation, relvol30, relvol5, atr14, atrPct, rsi14, rsi14Live, ema9, ema20, ema9Live, ema20Live, macd, macdSignal, macdHistogram, uptrendDays, priceChange5d, high20, floatShares, floatPrecision, sharesOutstanding, floatRatio, sharesShort, shortSettlementDate, shortPublishedAt, shortInterestQuality, shortFraction, daysToCover, sharesShortChange, shortVolumeFraction, failsToDeliverFlag, thresholdFlag, borrowFee, utilisation, atmIv, ivPercentile, callPutRatio, gammaWallStrike, optionsVolumeRatio, optionsConfidence, newsSentiment, newsSources, newsConfidence, socialRank, nextEventDays, flags, completedSessions, intraday, missing, inputs };
}

function skipFeaturesExcerptV1Missing(): void {
  skipString("missing.feature");
  skipString("missing.reason");
  if (readPresent("missing.have")) readInt("missing.have");
  if (readPresent("missing.need")) readInt("missing.need");
}

function skipFeaturesExcerptV1Inputs(): void {
  skipString("inputs.role");
  skipString("inputs.topic");
  skipString("inputs.source");
  skipDouble("inputs.confidence");
  skipString("inputs.firstId");
  skipString("inputs.lastId");
  readInt("inputs.count");
  skipString("inputs.hash");
  readLong("inputs.happenedAt");
  readLong("inputs.publishedAt");
}

function readFeaturesExcerptV1(): ExcerptOf<"signals.features.v1"> {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  skipArray(64, 1, "crossings", skipString);
  const price = readPresent("price") ? readDouble("price") : null;
  const priceAt = readPresent("priceAt") ? readLong("priceAt") : null;
  const prevClose = readPresent("prevClose") ? readDouble("prevClose") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED);
  const vwap = readPresent("vwap") ? readDouble("vwap") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V2);
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V3);
  const relvol30 = readPresent("relvol30") ? readDouble("relvol30") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V4);
  const atrPct = readPresent("atrPct") ? readDouble("atrPct") : null;
  const rsi14 = readPresent("rsi14") ? readDouble("rsi14") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V5);
  const ema9 = readPresent("ema9") ? readDouble("ema9") : null;
  const ema20 = readPresent("ema20") ? readDouble("ema20") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V6);
  if (readPresent("uptrendDays")) readInt("uptrendDays");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V7);
  if (readPresent("floatPrecision")) skipString("floatPrecision");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V8);
  if (readPresent("shortSettlementDate")) skipString("shortSettlementDate");
  if (readPresent("shortPublishedAt")) readLong("shortPublishedAt");
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V9);
  if (readPresent("failsToDeliverFlag")) readBoolean("failsToDeliverFlag");
  if (readPresent("thresholdFlag")) readBoolean("thresholdFlag");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V10);
  readInt("newsSources");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V11);
  const flags = readArray(64, 1, "flags", readString);
  const completedSessions = readInt("completedSessions");
  readBoolean("intraday");
  skipArray(256, 4, "missing", skipFeaturesExcerptV1Missing);
  skipArray(64, 17, "inputs", skipFeaturesExcerptV1Inputs);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot, session, tradingDay, price, priceAt, prevClose, vwap, volumeSpike, relvol30, atrPct, rsi14, ema9, ema20, shortFraction, daysToCover, flags, completedSessions };
}

function skipFeaturesExcerptV2Missing(): void {
  skipString("missing.feature");
  skipString("missing.reason");
  if (readPresent("missing.have")) readInt("missing.have");
  if (readPresent("missing.need")) readInt("missing.need");
}

function skipFeaturesExcerptV2Inputs(): void {
  skipString("inputs.role");
  skipString("inputs.topic");
  skipString("inputs.source");
  skipDouble("inputs.confidence");
  skipString("inputs.firstId");
  skipString("inputs.lastId");
  readInt("inputs.count");
  skipString("inputs.hash");
  readLong("inputs.happenedAt");
  readLong("inputs.publishedAt");
}

function readFeaturesExcerptV2(): ExcerptOf<"signals.features.v1"> {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  skipArray(64, 1, "crossings", skipString);
  const price = readPresent("price") ? readDouble("price") : null;
  const priceAt = readPresent("priceAt") ? readLong("priceAt") : null;
  const prevClose = readPresent("prevClose") ? readDouble("prevClose") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED);
  const vwap = readPresent("vwap") ? readDouble("vwap") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V2);
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V3);
  const relvol30 = readPresent("relvol30") ? readDouble("relvol30") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V4);
  const atrPct = readPresent("atrPct") ? readDouble("atrPct") : null;
  const rsi14 = readPresent("rsi14") ? readDouble("rsi14") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V5);
  const ema9 = readPresent("ema9") ? readDouble("ema9") : null;
  const ema20 = readPresent("ema20") ? readDouble("ema20") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V6);
  if (readPresent("uptrendDays")) readInt("uptrendDays");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V7);
  if (readPresent("floatPrecision")) skipString("floatPrecision");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V8);
  if (readPresent("shortSettlementDate")) skipString("shortSettlementDate");
  if (readPresent("shortPublishedAt")) readLong("shortPublishedAt");
  skipOptionalDoubles(FEATURES_EXCERPT_V2SKIPPED);
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V9);
  if (readPresent("failsToDeliverFlag")) readBoolean("failsToDeliverFlag");
  if (readPresent("thresholdFlag")) readBoolean("thresholdFlag");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V10);
  readInt("newsSources");
  skipOptionalDoubles(FEATURES_EXCERPT_V1SKIPPED_V11);
  const flags = readArray(64, 1, "flags", readString);
  const completedSessions = readInt("completedSessions");
  readBoolean("intraday");
  skipArray(256, 4, "missing", skipFeaturesExcerptV2Missing);
  skipArray(64, 17, "inputs", skipFeaturesExcerptV2Inputs);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, trigger, slot, session, tradingDay, price, priceAt, prevClose, vwap, volumeSpike, relvol30, atrPct, rsi14, ema9, ema20, shortFraction, daysToCover, flags, completedSessions };
}

function writeDetectionComponents(value: Component): void {
  writeString(value.name, "components.name");
  if (writePresent(value.value)) { writeDouble(value.value, "components.value"); }
  writeDouble(value.weight, "components.weight");
  if (writePresent(value.reason)) { writeString(value.reason, "components.reason"); }
}

function writeDetection(value: Detection): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.detector, "detector");
  writeString(value.featuresId, "featuresId");
  writeEnum(TRIGGER, value.trigger, "trigger");
  if (writePresent(value.slot)) { writeLong(value.slot, "slot"); }
  if (writePresent(value.score)) { writeDouble(value.score, "score"); }
  writeDouble(value.confidence, "confidence");
  if (writePresent(value.label)) { writeString(value.label, "label"); }
  startArray(64, value.signals, "signals"); for (const item of value.signals) writeString(item, "signals"); endArray();
  startArray(64, value.components, "components"); for (const item of value.components) writeDetectionComponents(item); endArray();
  startArray(256, value.missing, "missing"); for (const item of value.missing) writeString(item, "missing"); endArray();
  startArray(64, value.dataSources, "dataSources"); for (const item of value.dataSources) writeString(item, "dataSources"); endArray();
  if (writePresent(value.error)) { writeString(value.error, "error"); }
}

function readDetectionV1Components(): Component {
  const name = readString("components.name");
  const value = readPresent("components.value") ? readDouble("components.value") : null;
  const weight = readDouble("components.weight");
  const reason = readPresent("components.reason") ? readString("components.reason") : null;
  return { name, value, weight, reason };
}

function readDetectionV1(): Detection {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const detector = readString("detector");
  const featuresId = readString("featuresId");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const score = readPresent("score") ? readDouble("score") : null;
  const confidence = readDouble("confidence");
  const label = readPresent("label") ? readString("label") : null;
  const signals = readArray(64, 1, "signals", readString);
  const components = readArray(64, 11, "components", readDetectionV1Components);
  const missing = readArray(256, 1, "missing", readString);
  const dataSources = readArray(64, 1, "dataSources", readString);
  const error = readPresent("error") ? readString("error") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, detector, featuresId, trigger, slot, score, confidence, label, signals, components, missing, dataSources, error };
}

function skipDetectionExcerptV1Components(): void {
  skipString("components.name");
  skipOptionalDoubles(DETECTION_EXCERPT_V1COMPONENTS_SKIPPED);
  skipDouble("components.weight");
  if (readPresent("components.reason")) skipString("components.reason");
}

function readDetectionExcerptV1(): ExcerptOf<"signals.detection.v1"> {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const detector = readString("detector");
  const featuresId = readString("featuresId");
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const score = readPresent("score") ? readDouble("score") : null;
  const confidence = readDouble("confidence");
  const label = readPresent("label") ? readString("label") : null;
  skipArray(64, 1, "signals", skipString);
  skipArray(64, 11, "components", skipDetectionExcerptV1Components);
  skipArray(256, 1, "missing", skipString);
  const dataSources = readArray(64, 1, "dataSources", readString);
  const error = readPresent("error") ? readString("error") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, detector, featuresId, trigger, slot, score, confidence, label, dataSources, error };
}

function writeVerdictGates(value: GateResult): void {
  writeString(value.gate, "gates.gate");
  writeEnum(GATE_OUTCOME, value.outcome, "gates.outcome");
  writeBoolean(value.hard, "gates.hard");
  if (writePresent(value.value)) { writeDouble(value.value, "gates.value"); }
  if (writePresent(value.threshold)) { writeDouble(value.threshold, "gates.threshold"); }
  if (writePresent(value.margin)) { writeDouble(value.margin, "gates.margin"); }
  if (writePresent(value.reason)) { writeString(value.reason, "gates.reason"); }
}

function writeVerdictSoftPenalties(value: SoftPenalty): void {
  writeString(value.name, "softPenalties.name");
  writeDouble(value.penalty, "softPenalties.penalty");
  writeString(value.detail, "softPenalties.detail");
}

function writeVerdictContributions(value: Contribution): void {
  writeString(value.detector, "contributions.detector");
  if (writePresent(value.score)) { writeDouble(value.score, "contributions.score"); }
  writeDouble(value.weight, "contributions.weight");
  if (writePresent(value.contribution)) { writeDouble(value.contribution, "contributions.contribution"); }
  if (writePresent(value.confidence)) { writeDouble(value.confidence, "contributions.confidence"); }
}

function writeVerdictMissing(value: Missing): void {
  writeString(value.feature, "missing.feature");
  writeString(value.reason, "missing.reason");
  if (writePresent(value.have)) { writeInt(value.have, "missing.have"); }
  if (writePresent(value.need)) { writeInt(value.need, "missing.need"); }
}

function writeVerdict(value: Verdict): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.featuresId, "featuresId");
  startArray(64, value.detectionIds, "detectionIds"); for (const item of value.detectionIds) writeString(item, "detectionIds"); endArray();
  writeEnum(TRIGGER, value.trigger, "trigger");
  if (writePresent(value.slot)) { writeLong(value.slot, "slot"); }
  writeEnum(SESSION, value.session, "session");
  writeString(value.tradingDay, "tradingDay");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  if (writePresent(value.price)) { writeDouble(value.price, "price"); }
  writeBoolean(value.passed, "passed");
  writeEnum(LABEL, value.label, "label");
  writeDouble(value.score, "score");
  if (writePresent(value.rawScore)) { writeDouble(value.rawScore, "rawScore"); }
  writeDouble(value.confidence, "confidence");
  if (writePresent(value.firstFailure)) { writeString(value.firstFailure, "firstFailure"); }
  startArray(64, value.gates, "gates"); for (const item of value.gates) writeVerdictGates(item); endArray();
  if (writePresent(value.floatPath)) { writeString(value.floatPath, "floatPath"); }
  writeDouble(value.softFactor, "softFactor");
  startArray(64, value.softPenalties, "softPenalties"); for (const item of value.softPenalties) writeVerdictSoftPenalties(item); endArray();
  startArray(64, value.contributions, "contributions"); for (const item of value.contributions) writeVerdictContributions(item); endArray();
  startArray(64, value.tags, "tags"); for (const item of value.tags) writeString(item, "tags"); endArray();
  writeBoolean(value.evaluable, "evaluable");
  writeBoolean(value.priceVolumePassed, "priceVolumePassed");
  startArray(256, value.missing, "missing"); for (const item of value.missing) writeVerdictMissing(item); endArray();
  if (writePresent(value.sharesShort)) { writeDouble(value.sharesShort, "sharesShort"); }
  if (writePresent(value.shortFraction)) { writeDouble(value.shortFraction, "shortFraction"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  if (writePresent(value.shortPublishedAt)) { writeLong(value.shortPublishedAt, "shortPublishedAt"); }
  if (writePresent(value.shortInterestQuality)) { writeDouble(value.shortInterestQuality, "shortInterestQuality"); }
  if (writePresent(value.volumeSpike)) { writeDouble(value.volumeSpike, "volumeSpike"); }
  startArray(64, value.reasons, "reasons"); for (const item of value.reasons) writeString(item, "reasons"); endArray();
}

function readVerdictV1Gates(): GateResult {
  const gate = readString("gates.gate");
  const outcome = readEnum(GATE_OUTCOME, "gates.outcome");
  const hard = readBoolean("gates.hard");
  const value = readPresent("gates.value") ? readDouble("gates.value") : null;
  const threshold = readPresent("gates.threshold") ? readDouble("gates.threshold") : null;
  const margin = readPresent("gates.margin") ? readDouble("gates.margin") : null;
  const reason = readPresent("gates.reason") ? readString("gates.reason") : null;
  return { gate, outcome, hard, value, threshold, margin, reason };
}

function readVerdictV1SoftPenalties(): SoftPenalty {
  const name = readString("softPenalties.name");
  const penalty = readDouble("softPenalties.penalty");
  const detail = readString("softPenalties.detail");
  return { name, penalty, detail };
}

function readVerdictV1Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readVerdictV1Missing(): Missing {
  const feature = readString("missing.feature");
  const reason = readString("missing.reason");
  const have = readPresent("missing.have") ? readInt("missing.have") : null;
  const need = readPresent("missing.need") ? readInt("missing.need") : null;
  return { feature, reason, have, need };
}

function readVerdictV1(): Verdict {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const featuresId = readString("featuresId");
  const detectionIds = readArray(64, 1, "detectionIds", readString);
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const price = readPresent("price") ? readDouble("price") : null;
  const passed = readBoolean("passed");
  const label = readEnum(LABEL, "label");
  const score = readDouble("score");
  const rawScore = readPresent("rawScore") ? readDouble("rawScore") : null;
  const confidence = readDouble("confidence");
  const firstFailure = readPresent("firstFailure") ? readString("firstFailure") : null;
  const gates = readArray(64, 7, "gates", readVerdictV1Gates);
  const floatPath = readPresent("floatPath") ? readString("floatPath") : null;
  const softFactor = readDouble("softFactor");
  const softPenalties = readArray(64, 10, "softPenalties", readVerdictV1SoftPenalties);
  const contributions = readArray(64, 12, "contributions", readVerdictV1Contributions);
  const tags = readArray(64, 1, "tags", readString);
  const evaluable = readBoolean("evaluable");
  const priceVolumePassed = readBoolean("priceVolumePassed");
  const missing = readArray(256, 4, "missing", readVerdictV1Missing);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const reasons = readArray(64, 1, "reasons", readString);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, featuresId, detectionIds, trigger, slot, session, tradingDay, strategy, profile, preset, configVersion, price, passed, label, score, rawScore, confidence, firstFailure, gates, floatPath, softFactor, softPenalties, contributions, tags, evaluable, priceVolumePassed, missing, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality: null, volumeSpike, reasons };
}

function readVerdictV2Gates(): GateResult {
  const gate = readString("gates.gate");
  const outcome = readEnum(GATE_OUTCOME, "gates.outcome");
  const hard = readBoolean("gates.hard");
  const value = readPresent("gates.value") ? readDouble("gates.value") : null;
  const threshold = readPresent("gates.threshold") ? readDouble("gates.threshold") : null;
  const margin = readPresent("gates.margin") ? readDouble("gates.margin") : null;
  const reason = readPresent("gates.reason") ? readString("gates.reason") : null;
  return { gate, outcome, hard, value, threshold, margin, reason };
}

function readVerdictV2SoftPenalties(): SoftPenalty {
  const name = readString("softPenalties.name");
  const penalty = readDouble("softPenalties.penalty");
  const detail = readString("softPenalties.detail");
  return { name, penalty, detail };
}

function readVerdictV2Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readVerdictV2Missing(): Missing {
  const feature = readString("missing.feature");
  const reason = readString("missing.reason");
  const have = readPresent("missing.have") ? readInt("missing.have") : null;
  const need = readPresent("missing.need") ? readInt("missing.need") : null;
  return { feature, reason, have, need };
}

function readVerdictV2(): Verdict {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const featuresId = readString("featuresId");
  const detectionIds = readArray(64, 1, "detectionIds", readString);
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const price = readPresent("price") ? readDouble("price") : null;
  const passed = readBoolean("passed");
  const label = readEnum(LABEL, "label");
  const score = readDouble("score");
  const rawScore = readPresent("rawScore") ? readDouble("rawScore") : null;
  const confidence = readDouble("confidence");
  const firstFailure = readPresent("firstFailure") ? readString("firstFailure") : null;
  const gates = readArray(64, 7, "gates", readVerdictV2Gates);
  const floatPath = readPresent("floatPath") ? readString("floatPath") : null;
  const softFactor = readDouble("softFactor");
  const softPenalties = readArray(64, 10, "softPenalties", readVerdictV2SoftPenalties);
  const contributions = readArray(64, 12, "contributions", readVerdictV2Contributions);
  const tags = readArray(64, 1, "tags", readString);
  const evaluable = readBoolean("evaluable");
  const priceVolumePassed = readBoolean("priceVolumePassed");
  const missing = readArray(256, 4, "missing", readVerdictV2Missing);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const shortInterestQuality = readPresent("shortInterestQuality") ? readDouble("shortInterestQuality") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const reasons = readArray(64, 1, "reasons", readString);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, featuresId, detectionIds, trigger, slot, session, tradingDay, strategy, profile, preset, configVersion, price, passed, label, score, rawScore, confidence, firstFailure, gates, floatPath, softFactor, softPenalties, contributions, tags, evaluable, priceVolumePassed, missing, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality, volumeSpike, reasons };
}

function readVerdictExcerptV1Gates(): GateResult {
  const gate = readString("gates.gate");
  const outcome = readEnum(GATE_OUTCOME, "gates.outcome");
  const hard = readBoolean("gates.hard");
  const value = readPresent("gates.value") ? readDouble("gates.value") : null;
  const threshold = readPresent("gates.threshold") ? readDouble("gates.threshold") : null;
  const margin = readPresent("gates.margin") ? readDouble("gates.margin") : null;
  const reason = readPresent("gates.reason") ? readString("gates.reason") : null;
  return { gate, outcome, hard, value, threshold, margin, reason };
}

function readVerdictExcerptV1SoftPenalties(): SoftPenalty {
  const name = readString("softPenalties.name");
  const penalty = readDouble("softPenalties.penalty");
  const detail = readString("softPenalties.detail");
  return { name, penalty, detail };
}

function skipVerdictExcerptV1Contributions(): void {
  skipString("contributions.detector");
  skipOptionalDoubles(VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED);
  skipDouble("contributions.weight");
  skipOptionalDoubles(VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED_V2);
}

function skipVerdictExcerptV1Missing(): void {
  skipString("missing.feature");
  skipString("missing.reason");
  if (readPresent("missing.have")) readInt("missing.have");
  if (readPresent("missing.need")) readInt("missing.need");
}

function readVerdictExcerptV1(): ExcerptOf<"signals.verdict.v1"> {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const featuresId = readString("featuresId");
  const detectionIds = readArray(64, 1, "detectionIds", readString);
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const price = readPresent("price") ? readDouble("price") : null;
  const passed = readBoolean("passed");
  const label = readEnum(LABEL, "label");
  const score = readDouble("score");
  const rawScore = readPresent("rawScore") ? readDouble("rawScore") : null;
  const confidence = readDouble("confidence");
  const firstFailure = readPresent("firstFailure") ? readString("firstFailure") : null;
  const gates = readArray(64, 7, "gates", readVerdictExcerptV1Gates);
  if (readPresent("floatPath")) skipString("floatPath");
  skipDouble("softFactor");
  const softPenalties = readArray(64, 10, "softPenalties", readVerdictExcerptV1SoftPenalties);
  skipArray(64, 12, "contributions", skipVerdictExcerptV1Contributions);
  skipArray(64, 1, "tags", skipString);
  readBoolean("evaluable");
  readBoolean("priceVolumePassed");
  skipArray(256, 4, "missing", skipVerdictExcerptV1Missing);
  skipOptionalDoubles(VERDICT_EXCERPT_V1SKIPPED);
  if (readPresent("shortPublishedAt")) readLong("shortPublishedAt");
  skipOptionalDoubles(VERDICT_EXCERPT_V1SKIPPED_V2);
  skipArray(64, 1, "reasons", skipString);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, featuresId, detectionIds, trigger, slot, session, tradingDay, strategy, profile, preset, configVersion, price, passed, label, score, rawScore, confidence, firstFailure, gates, softPenalties };
}

function readVerdictExcerptV2Gates(): GateResult {
  const gate = readString("gates.gate");
  const outcome = readEnum(GATE_OUTCOME, "gates.outcome");
  const hard = readBoolean("gates.hard");
  const value = readPresent("gates.value") ? readDouble("gates.value") : null;
  const threshold = readPresent("gates.threshold") ? readDouble("gates.threshold") : null;
  const margin = readPresent("gates.margin") ? readDouble("gates.margin") : null;
  const reason = readPresent("gates.reason") ? readString("gates.reason") : null;
  return { gate, outcome, hard, value, threshold, margin, reason };
}

function readVerdictExcerptV2SoftPenalties(): SoftPenalty {
  const name = readString("softPenalties.name");
  const penalty = readDouble("softPenalties.penalty");
  const detail = readString("softPenalties.detail");
  return { name, penalty, detail };
}

function skipVerdictExcerptV2Contributions(): void {
  skipString("contributions.detector");
  skipOptionalDoubles(VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED);
  skipDouble("contributions.weight");
  skipOptionalDoubles(VERDICT_EXCERPT_V1CONTRIBUTIONS_SKIPPED_V2);
}

function skipVerdictExcerptV2Missing(): void {
  skipString("missing.feature");
  skipString("missing.reason");
  if (readPresent("missing.have")) readInt("missing.have");
  if (readPresent("missing.need")) readInt("missing.need");
}

function readVerdictExcerptV2(): ExcerptOf<"signals.verdict.v1"> {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const featuresId = readString("featuresId");
  const detectionIds = readArray(64, 1, "detectionIds", readString);
  const trigger = readEnum(TRIGGER, "trigger");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const session = readEnum(SESSION, "session");
  const tradingDay = readString("tradingDay");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const price = readPresent("price") ? readDouble("price") : null;
  const passed = readBoolean("passed");
  const label = readEnum(LABEL, "label");
  const score = readDouble("score");
  const rawScore = readPresent("rawScore") ? readDouble("rawScore") : null;
  const confidence = readDouble("confidence");
  const firstFailure = readPresent("firstFailure") ? readString("firstFailure") : null;
  const gates = readArray(64, 7, "gates", readVerdictExcerptV2Gates);
  if (readPresent("floatPath")) skipString("floatPath");
  skipDouble("softFactor");
  const softPenalties = readArray(64, 10, "softPenalties", readVerdictExcerptV2SoftPenalties);
  skipArray(64, 12, "contributions", skipVerdictExcerptV2Contributions);
  skipArray(64, 1, "tags", skipString);
  readBoolean("evaluable");
  readBoolean("priceVolumePassed");
  skipArray(256, 4, "missing", skipVerdictExcerptV2Missing);
  skipOptionalDoubles(VERDICT_EXCERPT_V1SKIPPED);
  if (readPresent("shortPublishedAt")) readLong("shortPublishedAt");
  skipOptionalDoubles(VERDICT_EXCERPT_V2SKIPPED);
  skipArray(64, 1, "reasons", skipString);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, featuresId, detectionIds, trigger, slot, session, tradingDay, strategy, profile, preset, configVersion, price, passed, label, score, rawScore, confidence, firstFailure, gates, softPenalties };
}

function writeCandidateContributions(value: Contribution): void {
  writeString(value.detector, "contributions.detector");
  if (writePresent(value.score)) { writeDouble(value.score, "contributions.score"); }
  writeDouble(value.weight, "contributions.weight");
  if (writePresent(value.contribution)) { writeDouble(value.contribution, "contributions.contribution"); }
  if (writePresent(value.confidence)) { writeDouble(value.confidence, "contributions.confidence"); }
}

function writeCandidate(value: Candidate): void {
  writeString(value.tradingDay, "tradingDay");
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeLong(value.slot, "slot");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeString(value.verdictId, "verdictId");
  writeString(value.featuresId, "featuresId");
  writeDouble(value.score, "score");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.listed, "listed");
  writeEnum(LABEL, value.label, "label");
  if (writePresent(value.price)) { writeDouble(value.price, "price"); }
  startArray(64, value.reasons, "reasons"); for (const item of value.reasons) writeString(item, "reasons"); endArray();
  startArray(64, value.contributions, "contributions"); for (const item of value.contributions) writeCandidateContributions(item); endArray();
  if (writePresent(value.sharesShort)) { writeDouble(value.sharesShort, "sharesShort"); }
  if (writePresent(value.shortFraction)) { writeDouble(value.shortFraction, "shortFraction"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  if (writePresent(value.shortPublishedAt)) { writeLong(value.shortPublishedAt, "shortPublishedAt"); }
  if (writePresent(value.shortInterestQuality)) { writeDouble(value.shortInterestQuality, "shortInterestQuality"); }
  if (writePresent(value.volumeSpike)) { writeDouble(value.volumeSpike, "volumeSpike"); }
  if (writePresent(value.squeezeLabel)) { writeString(value.squeezeLabel, "squeezeLabel"); }
  if (writePresent(value.squeezeScore)) { writeDouble(value.squeezeScore, "squeezeScore"); }
}

function readCandidateV1Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readCandidateV1(): Candidate {
  const tradingDay = readString("tradingDay");
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const slot = readLong("slot");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const verdictId = readString("verdictId");
  const featuresId = readString("featuresId");
  const score = readDouble("score");
  const confidence = readDouble("confidence");
  const listed = readBoolean("listed");
  const label = readEnum(LABEL, "label");
  const price = readPresent("price") ? readDouble("price") : null;
  const reasons = readArray(64, 1, "reasons", readString);
  const contributions = readArray(64, 12, "contributions", readCandidateV1Contributions);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const squeezeLabel = readPresent("squeezeLabel") ? readString("squeezeLabel") : null;
  const squeezeScore = readPresent("squeezeScore") ? readDouble("squeezeScore") : null;
  return { tradingDay, symbol, happenedAt, publishedAt, capturedAt, simulated, slot, trigger, session, strategy, profile, preset, configVersion, verdictId, featuresId, score, confidence, listed, label, price, reasons, contributions, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality: null, volumeSpike, squeezeLabel, squeezeScore };
}

function readCandidateV2Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readCandidateV2(): Candidate {
  const tradingDay = readString("tradingDay");
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const slot = readLong("slot");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const verdictId = readString("verdictId");
  const featuresId = readString("featuresId");
  const score = readDouble("score");
  const confidence = readDouble("confidence");
  const listed = readBoolean("listed");
  const label = readEnum(LABEL, "label");
  const price = readPresent("price") ? readDouble("price") : null;
  const reasons = readArray(64, 1, "reasons", readString);
  const contributions = readArray(64, 12, "contributions", readCandidateV2Contributions);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const shortInterestQuality = readPresent("shortInterestQuality") ? readDouble("shortInterestQuality") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const squeezeLabel = readPresent("squeezeLabel") ? readString("squeezeLabel") : null;
  const squeezeScore = readPresent("squeezeScore") ? readDouble("squeezeScore") : null;
  return { tradingDay, symbol, happenedAt, publishedAt, capturedAt, simulated, slot, trigger, session, strategy, profile, preset, configVersion, verdictId, featuresId, score, confidence, listed, label, price, reasons, contributions, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality, volumeSpike, squeezeLabel, squeezeScore };
}

function writeSlotClosedEliminations(value: GateCount): void {
  writeString(value.gate, "eliminations.gate");
  writeInt(value.first, "eliminations.first");
  writeInt(value.all, "eliminations.all");
}

function writeSlotClosedExperiment(value: Exposure): void {
  writeString(value.name, "experiment.name");
  writeInt(value.bucket, "experiment.bucket");
  writeString(value.subjectHash, "experiment.subjectHash");
}

function writeSlotClosedReduction(value: UniverseReduction): void {
  writeDouble(value.floorUsd, "reduction.floorUsd");
  writeInt(value.leftOut, "reduction.leftOut");
}

function writeSlotClosed(value: SlotClosed): void {
  writeString(value.tradingDay, "tradingDay");
  writeLong(value.slot, "slot");
  writeLong(value.happenedAt, "happenedAt");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeInt(value.partition, "partition");
  writeInt(value.partitions, "partitions");
  writeInt(value.universe, "universe");
  writeInt(value.evaluable, "evaluable");
  writeInt(value.priceVolumePassed, "priceVolumePassed");
  writeInt(value.passed, "passed");
  writeInt(value.listed, "listed");
  startArray(64, value.eliminations, "eliminations"); for (const item of value.eliminations) writeSlotClosedEliminations(item); endArray();
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  if (writePresent(value.experiment)) { startRecord(value.experiment, "experiment"); writeSlotClosedExperiment(value.experiment); }
  if (writePresent(value.reduction)) { startRecord(value.reduction, "reduction"); writeSlotClosedReduction(value.reduction); }
}

function readSlotClosedV1Eliminations(): GateCount {
  const gate = readString("eliminations.gate");
  const first = readInt("eliminations.first");
  const all = readInt("eliminations.all");
  return { gate, first, all };
}

function readSlotClosedV1(): SlotClosed {
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const happenedAt = readLong("happenedAt");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const partition = readInt("partition");
  const partitions = readInt("partitions");
  const universe = readInt("universe");
  const evaluable = readInt("evaluable");
  const priceVolumePassed = readInt("priceVolumePassed");
  const passed = readInt("passed");
  const listed = readInt("listed");
  const eliminations = readArray(64, 3, "eliminations", readSlotClosedV1Eliminations);
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  return { tradingDay, slot, happenedAt, trigger, session, strategy, profile, preset, configVersion, partition, partitions, universe, evaluable, priceVolumePassed, passed, listed, eliminations, publishedAt, capturedAt, simulated, experiment: null, reduction: null };
}

function readSlotClosedV2Eliminations(): GateCount {
  const gate = readString("eliminations.gate");
  const first = readInt("eliminations.first");
  const all = readInt("eliminations.all");
  return { gate, first, all };
}

function readSlotClosedV2Experiment(): Exposure {
  const name = readString("experiment.name");
  const bucket = readInt("experiment.bucket");
  const subjectHash = readString("experiment.subjectHash");
  return { name, bucket, subjectHash };
}

function readSlotClosedV2(): SlotClosed {
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const happenedAt = readLong("happenedAt");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const partition = readInt("partition");
  const partitions = readInt("partitions");
  const universe = readInt("universe");
  const evaluable = readInt("evaluable");
  const priceVolumePassed = readInt("priceVolumePassed");
  const passed = readInt("passed");
  const listed = readInt("listed");
  const eliminations = readArray(64, 3, "eliminations", readSlotClosedV2Eliminations);
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const experiment = readPresent("experiment") ? readSlotClosedV2Experiment() : null;
  return { tradingDay, slot, happenedAt, trigger, session, strategy, profile, preset, configVersion, partition, partitions, universe, evaluable, priceVolumePassed, passed, listed, eliminations, publishedAt, capturedAt, simulated, experiment, reduction: null };
}

function readSlotClosedV3Eliminations(): GateCount {
  const gate = readString("eliminations.gate");
  const first = readInt("eliminations.first");
  const all = readInt("eliminations.all");
  return { gate, first, all };
}

function readSlotClosedV3Experiment(): Exposure {
  const name = readString("experiment.name");
  const bucket = readInt("experiment.bucket");
  const subjectHash = readString("experiment.subjectHash");
  return { name, bucket, subjectHash };
}

function readSlotClosedV3Reduction(): UniverseReduction {
  const floorUsd = readDouble("reduction.floorUsd");
  const leftOut = readInt("reduction.leftOut");
  return { floorUsd, leftOut };
}

function readSlotClosedV3(): SlotClosed {
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const happenedAt = readLong("happenedAt");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const partition = readInt("partition");
  const partitions = readInt("partitions");
  const universe = readInt("universe");
  const evaluable = readInt("evaluable");
  const priceVolumePassed = readInt("priceVolumePassed");
  const passed = readInt("passed");
  const listed = readInt("listed");
  const eliminations = readArray(64, 3, "eliminations", readSlotClosedV3Eliminations);
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const experiment = readPresent("experiment") ? readSlotClosedV3Experiment() : null;
  const reduction = readPresent("reduction") ? readSlotClosedV3Reduction() : null;
  return { tradingDay, slot, happenedAt, trigger, session, strategy, profile, preset, configVersion, partition, partitions, universe, evaluable, priceVolumePassed, passed, listed, eliminations, publishedAt, capturedAt, simulated, experiment, reduction };
}

function writeRunCandidates(value: RankedCandidate): void {
  writeInt(value.rank, "candidates.rank");
  writeString(value.symbol, "candidates.symbol");
  writeString(value.verdictId, "candidates.verdictId");
  writeDouble(value.score, "candidates.score");
  writeDouble(value.confidence, "candidates.confidence");
  writeEnum(LABEL, value.label, "candidates.label");
  if (writePresent(value.price)) { writeDouble(value.price, "candidates.price"); }
}

function writeRunEliminations(value: GateCount): void {
  writeString(value.gate, "eliminations.gate");
  writeInt(value.first, "eliminations.first");
  writeInt(value.all, "eliminations.all");
}

function writeRunStageCounts(value: StageCount): void {
  writeString(value.stage, "stageCounts.stage");
  writeInt(value.in, "stageCounts.in");
  writeInt(value.out, "stageCounts.out");
}

function writeRunConfidenceBuckets(value: ConfidenceBucket): void {
  writeDouble(value.from, "confidenceBuckets.from");
  writeInt(value.count, "confidenceBuckets.count");
}

function writeRun(value: Run): void {
  writeString(value.runId, "runId");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.tradingDay, "tradingDay");
  writeLong(value.slot, "slot");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeInt(value.universe, "universe");
  writeInt(value.evaluable, "evaluable");
  writeInt(value.priceVolumePassed, "priceVolumePassed");
  writeInt(value.passed, "passed");
  writeInt(value.candidatesBeforeCap, "candidatesBeforeCap");
  startArray(100, value.candidates, "candidates"); for (const item of value.candidates) writeRunCandidates(item); endArray();
  startArray(64, value.eliminations, "eliminations"); for (const item of value.eliminations) writeRunEliminations(item); endArray();
  startArray(64, value.stageCounts, "stageCounts"); for (const item of value.stageCounts) writeRunStageCounts(item); endArray();
  startArray(64, value.confidenceBuckets, "confidenceBuckets"); for (const item of value.confidenceBuckets) writeRunConfidenceBuckets(item); endArray();
  if (writePresent(value.healthScore)) { writeDouble(value.healthScore, "healthScore"); }
  writeString(value.healthStatus, "healthStatus");
  startArray(64, value.healthMessages, "healthMessages"); for (const item of value.healthMessages) writeString(item, "healthMessages"); endArray();
}

function readRunV1Candidates(): RankedCandidate {
  const rank = readInt("candidates.rank");
  const symbol = readString("candidates.symbol");
  const verdictId = readString("candidates.verdictId");
  const score = readDouble("candidates.score");
  const confidence = readDouble("candidates.confidence");
  const label = readEnum(LABEL, "candidates.label");
  const price = readPresent("candidates.price") ? readDouble("candidates.price") : null;
  return { rank, symbol, verdictId, score, confidence, label, price };
}

function readRunV1Eliminations(): GateCount {
  const gate = readString("eliminations.gate");
  const first = readInt("eliminations.first");
  const all = readInt("eliminations.all");
  return { gate, first, all };
}

function readRunV1StageCounts(): StageCount {
  const stage = readString("stageCounts.stage");
  const inValue = readInt("stageCounts.in");
  const out = readInt("stageCounts.out");
  return { stage, in: inValue, out };
}

function readRunV1ConfidenceBuckets(): ConfidenceBucket {
  const from = readDouble("confidenceBuckets.from");
  const count = readInt("confidenceBuckets.count");
  return { from, count };
}

function readRunV1(): Run {
  const runId = readString("runId");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const universe = readInt("universe");
  const evaluable = readInt("evaluable");
  const priceVolumePassed = readInt("priceVolumePassed");
  const passed = readInt("passed");
  const candidatesBeforeCap = readInt("candidatesBeforeCap");
  const candidates = readArray(100, 21, "candidates", readRunV1Candidates);
  const eliminations = readArray(64, 3, "eliminations", readRunV1Eliminations);
  const stageCounts = readArray(64, 3, "stageCounts", readRunV1StageCounts);
  const confidenceBuckets = readArray(64, 9, "confidenceBuckets", readRunV1ConfidenceBuckets);
  const healthScore = readPresent("healthScore") ? readDouble("healthScore") : null;
  const healthStatus = readString("healthStatus");
  const healthMessages = readArray(64, 1, "healthMessages", readString);
  return { runId, happenedAt, publishedAt, capturedAt, simulated, tradingDay, slot, trigger, session, strategy, profile, preset, configVersion, universe, evaluable, priceVolumePassed, passed, candidatesBeforeCap, candidates, eliminations, stageCounts, confidenceBuckets, healthScore, healthStatus, healthMessages };
}

function writeRecommendationContributions(value: Contribution): void {
  writeString(value.detector, "contributions.detector");
  if (writePresent(value.score)) { writeDouble(value.score, "contributions.score"); }
  writeDouble(value.weight, "contributions.weight");
  if (writePresent(value.contribution)) { writeDouble(value.contribution, "contributions.contribution"); }
  if (writePresent(value.confidence)) { writeDouble(value.confidence, "contributions.confidence"); }
}

function writeRecommendation(value: Recommendation): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.runId, "runId");
  writeLong(value.slot, "slot");
  writeString(value.tradingDay, "tradingDay");
  writeEnum(SESSION, value.session, "session");
  writeInt(value.rank, "rank");
  writeEnum(LABEL, value.label, "label");
  writeEnum(LABEL, value.previousLabel, "previousLabel");
  writeDouble(value.score, "score");
  writeDouble(value.confidence, "confidence");
  if (writePresent(value.price)) { writeDouble(value.price, "price"); }
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeString(value.verdictId, "verdictId");
  writeString(value.featuresId, "featuresId");
  writeString(value.thesis, "thesis");
  startArray(64, value.reasons, "reasons"); for (const item of value.reasons) writeString(item, "reasons"); endArray();
  startArray(64, value.contributions, "contributions"); for (const item of value.contributions) writeRecommendationContributions(item); endArray();
  if (writePresent(value.sharesShort)) { writeDouble(value.sharesShort, "sharesShort"); }
  if (writePresent(value.shortFraction)) { writeDouble(value.shortFraction, "shortFraction"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  if (writePresent(value.shortPublishedAt)) { writeLong(value.shortPublishedAt, "shortPublishedAt"); }
  if (writePresent(value.shortInterestQuality)) { writeDouble(value.shortInterestQuality, "shortInterestQuality"); }
  if (writePresent(value.volumeSpike)) { writeDouble(value.volumeSpike, "volumeSpike"); }
  if (writePresent(value.squeezeLabel)) { writeString(value.squeezeLabel, "squeezeLabel"); }
  if (writePresent(value.squeezeScore)) { writeDouble(value.squeezeScore, "squeezeScore"); }
}

function readRecommendationV1Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readRecommendationV1(): Recommendation {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const runId = readString("runId");
  const slot = readLong("slot");
  const tradingDay = readString("tradingDay");
  const session = readEnum(SESSION, "session");
  const rank = readInt("rank");
  const label = readEnum(LABEL, "label");
  const previousLabel = readEnum(LABEL, "previousLabel");
  const score = readDouble("score");
  const confidence = readDouble("confidence");
  const price = readPresent("price") ? readDouble("price") : null;
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const verdictId = readString("verdictId");
  const featuresId = readString("featuresId");
  const thesis = readString("thesis");
  const reasons = readArray(64, 1, "reasons", readString);
  const contributions = readArray(64, 12, "contributions", readRecommendationV1Contributions);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const squeezeLabel = readPresent("squeezeLabel") ? readString("squeezeLabel") : null;
  const squeezeScore = readPresent("squeezeScore") ? readDouble("squeezeScore") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, runId, slot, tradingDay, session, rank, label, previousLabel, score, confidence, price, strategy, profile, preset, configVersion, verdictId, featuresId, thesis, reasons, contributions, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality: null, volumeSpike, squeezeLabel, squeezeScore };
}

function readRecommendationV2Contributions(): Contribution {
  const detector = readString("contributions.detector");
  const score = readPresent("contributions.score") ? readDouble("contributions.score") : null;
  const weight = readDouble("contributions.weight");
  const contribution = readPresent("contributions.contribution") ? readDouble("contributions.contribution") : null;
  const confidence = readPresent("contributions.confidence") ? readDouble("contributions.confidence") : null;
  return { detector, score, weight, contribution, confidence };
}

function readRecommendationV2(): Recommendation {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const runId = readString("runId");
  const slot = readLong("slot");
  const tradingDay = readString("tradingDay");
  const session = readEnum(SESSION, "session");
  const rank = readInt("rank");
  const label = readEnum(LABEL, "label");
  const previousLabel = readEnum(LABEL, "previousLabel");
  const score = readDouble("score");
  const confidence = readDouble("confidence");
  const price = readPresent("price") ? readDouble("price") : null;
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const verdictId = readString("verdictId");
  const featuresId = readString("featuresId");
  const thesis = readString("thesis");
  const reasons = readArray(64, 1, "reasons", readString);
  const contributions = readArray(64, 12, "contributions", readRecommendationV2Contributions);
  const sharesShort = readPresent("sharesShort") ? readDouble("sharesShort") : null;
  const shortFraction = readPresent("shortFraction") ? readDouble("shortFraction") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const shortPublishedAt = readPresent("shortPublishedAt") ? readLong("shortPublishedAt") : null;
  const shortInterestQuality = readPresent("shortInterestQuality") ? readDouble("shortInterestQuality") : null;
  const volumeSpike = readPresent("volumeSpike") ? readDouble("volumeSpike") : null;
  const squeezeLabel = readPresent("squeezeLabel") ? readString("squeezeLabel") : null;
  const squeezeScore = readPresent("squeezeScore") ? readDouble("squeezeScore") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, runId, slot, tradingDay, session, rank, label, previousLabel, score, confidence, price, strategy, profile, preset, configVersion, verdictId, featuresId, thesis, reasons, contributions, sharesShort, shortFraction, daysToCover, shortPublishedAt, shortInterestQuality, volumeSpike, squeezeLabel, squeezeScore };
}

function writeRequested(value: Requested): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.alertType, "alertType");
  writeString(value.episode, "episode");
  writeEnum(PRIORITY, value.priority, "priority");
  writeString(value.audience, "audience");
  writeString(value.subjectId, "subjectId");
  writeString(value.title, "title");
  writeString(value.message, "message");
}

function readRequestedV1(): Requested {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const alertType = readString("alertType");
  const episode = readString("episode");
  const priority = readEnum(PRIORITY, "priority");
  const audience = readString("audience");
  const subjectId = readString("subjectId");
  const title = readString("title");
  const message = readString("message");
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, alertType, episode, priority, audience, subjectId, title, message };
}

function writeDelivery(value: Delivery): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeBoolean(value.simulated, "simulated");
  writeString(value.alertId, "alertId");
  writeString(value.channel, "channel");
  writeEnum(DELIVERY_STATUS, value.status, "status");
  writeInt(value.attempt, "attempt");
  if (writePresent(value.error)) { writeString(value.error, "error"); }
  if (writePresent(value.recipient)) { writeString(value.recipient, "recipient"); }
  if (writePresent(value.reference)) { writeString(value.reference, "reference"); }
  if (writePresent(value.requestedAt)) { writeLong(value.requestedAt, "requestedAt"); }
}

function readDeliveryV1(): Delivery {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const simulated = readBoolean("simulated");
  const alertId = readString("alertId");
  const channel = readString("channel");
  const status = readEnum(DELIVERY_STATUS, "status");
  const attempt = readInt("attempt");
  const error = readPresent("error") ? readString("error") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, simulated, alertId, channel, status, attempt, error, recipient: null, reference: null, requestedAt: null };
}

function readDeliveryV2(): Delivery {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const simulated = readBoolean("simulated");
  const alertId = readString("alertId");
  const channel = readString("channel");
  const status = readEnum(DELIVERY_STATUS, "status");
  const attempt = readInt("attempt");
  const error = readPresent("error") ? readString("error") : null;
  const recipient = readPresent("recipient") ? readString("recipient") : null;
  const reference = readPresent("reference") ? readString("reference") : null;
  const requestedAt = readPresent("requestedAt") ? readLong("requestedAt") : null;
  return { symbol, happenedAt, publishedAt, capturedAt, source, simulated, alertId, channel, status, attempt, error, recipient, reference, requestedAt };
}

function writeStageTiming(value: StageTiming): void {
  writeString(value.stage, "stage");
  writeInt(value.partition, "partition");
  if (writePresent(value.slot)) { writeLong(value.slot, "slot"); }
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.events, "events");
  writeDouble(value.totalMs, "totalMs");
  writeDouble(value.maxMs, "maxMs");
  writeLong(value.errors, "errors");
}

function readStageTimingV1(): StageTiming {
  const stage = readString("stage");
  const partition = readInt("partition");
  const slot = readPresent("slot") ? readLong("slot") : null;
  const happenedAt = readLong("happenedAt");
  const events = readLong("events");
  const totalMs = readDouble("totalMs");
  const maxMs = readDouble("maxMs");
  const errors = readLong("errors");
  return { stage, partition, slot, happenedAt, events, totalMs, maxMs, errors };
}

function writeProviderCall(value: ProviderCall): void {
  writeString(value.provider, "provider");
  writeString(value.endpoint, "endpoint");
  writeLong(value.happenedAt, "happenedAt");
  writeInt(value.attempt, "attempt");
  writeLong(value.responseMs, "responseMs");
  if (writePresent(value.statusCode)) { writeInt(value.statusCode, "statusCode"); }
  writeBoolean(value.success, "success");
  if (writePresent(value.errorCode)) { writeString(value.errorCode, "errorCode"); }
  if (writePresent(value.errorMessage)) { writeString(value.errorMessage, "errorMessage"); }
  writeBoolean(value.rateLimited, "rateLimited");
  writeBoolean(value.circuitBreakerOpen, "circuitBreakerOpen");
  writeBoolean(value.simulated, "simulated");
}

function readProviderCallV1(): ProviderCall {
  const provider = readString("provider");
  const endpoint = readString("endpoint");
  const happenedAt = readLong("happenedAt");
  const attempt = readInt("attempt");
  const responseMs = readLong("responseMs");
  const statusCode = readPresent("statusCode") ? readInt("statusCode") : null;
  const success = readBoolean("success");
  const errorCode = readPresent("errorCode") ? readString("errorCode") : null;
  const errorMessage = readPresent("errorMessage") ? readString("errorMessage") : null;
  const rateLimited = readBoolean("rateLimited");
  const circuitBreakerOpen = readBoolean("circuitBreakerOpen");
  const simulated = readBoolean("simulated");
  return { provider, endpoint, happenedAt, attempt, responseMs, statusCode, success, errorCode, errorMessage, rateLimited, circuitBreakerOpen, simulated };
}

function writeCircuitBreaker(value: CircuitBreaker): void {
  writeString(value.provider, "provider");
  writeLong(value.happenedAt, "happenedAt");
  writeEnum(BREAKER_CHANGE, value.change, "change");
  writeInt(value.failureCount, "failureCount");
  if (writePresent(value.reason)) { writeString(value.reason, "reason"); }
  if (writePresent(value.autoRecoveryAt)) { writeLong(value.autoRecoveryAt, "autoRecoveryAt"); }
  writeBoolean(value.simulated, "simulated");
}

function readCircuitBreakerV1(): CircuitBreaker {
  const provider = readString("provider");
  const happenedAt = readLong("happenedAt");
  const change = readEnum(BREAKER_CHANGE, "change");
  const failureCount = readInt("failureCount");
  const reason = readPresent("reason") ? readString("reason") : null;
  const autoRecoveryAt = readPresent("autoRecoveryAt") ? readLong("autoRecoveryAt") : null;
  const simulated = readBoolean("simulated");
  return { provider, happenedAt, change, failureCount, reason, autoRecoveryAt, simulated };
}

function writePosition(value: Position): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeString(value.source, "source");
  writeDouble(value.confidence, "confidence");
  writeBoolean(value.stale, "stale");
  if (writePresent(value.providerLatencyMs)) { writeLong(value.providerLatencyMs, "providerLatencyMs"); }
  writeBoolean(value.simulated, "simulated");
  writeString(value.account, "account");
  writeDouble(value.quantity, "quantity");
  if (writePresent(value.averageEntryPrice)) { writeDouble(value.averageEntryPrice, "averageEntryPrice"); }
  if (writePresent(value.statedPrice)) { writeDouble(value.statedPrice, "statedPrice"); }
  if (writePresent(value.statedMarketValue)) { writeDouble(value.statedMarketValue, "statedMarketValue"); }
  writeEnum(POSITION_BASIS, value.basis, "basis");
}

function readPositionV1(): Position {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const source = readString("source");
  const confidence = readDouble("confidence");
  const stale = readBoolean("stale");
  const providerLatencyMs = readPresent("providerLatencyMs") ? readLong("providerLatencyMs") : null;
  const simulated = readBoolean("simulated");
  const account = readString("account");
  const quantity = readDouble("quantity");
  const averageEntryPrice = readPresent("averageEntryPrice") ? readDouble("averageEntryPrice") : null;
  const statedPrice = readPresent("statedPrice") ? readDouble("statedPrice") : null;
  const statedMarketValue = readPresent("statedMarketValue") ? readDouble("statedMarketValue") : null;
  const basis = readEnum(POSITION_BASIS, "basis");
  return { symbol, happenedAt, publishedAt, capturedAt, source, confidence, stale, providerLatencyMs, simulated, account, quantity, averageEntryPrice, statedPrice, statedMarketValue, basis };
}

function writeJobTick(value: JobTick): void {
  writeString(value.job, "job");
  writeLong(value.happenedAt, "happenedAt");
  writeString(value.source, "source");
}

function readJobTickV1(): JobTick {
  const job = readString("job");
  const happenedAt = readLong("happenedAt");
  const source = readString("source");
  return { job, happenedAt, source };
}

function writeExperimentResultMetrics(value: ExperimentMetric): void {
  writeString(value.name, "metrics.name");
  if (writePresent(value.value)) { writeDouble(value.value, "metrics.value"); }
  if (writePresent(value.reason)) { writeString(value.reason, "metrics.reason"); }
}

function writeExperimentResult(value: ExperimentResult): void {
  writeString(value.experiment, "experiment");
  writeString(value.strategy, "strategy");
  writeInt(value.bucket, "bucket");
  writeString(value.subjectHash, "subjectHash");
  writeString(value.runId, "runId");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.tradingDay, "tradingDay");
  writeLong(value.slot, "slot");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeInt(value.candidates, "candidates");
  writeInt(value.fallbackCandidates, "fallbackCandidates");
  startArray(32, value.metrics, "metrics"); for (const item of value.metrics) writeExperimentResultMetrics(item); endArray();
}

function readExperimentResultV1Metrics(): ExperimentMetric {
  const name = readString("metrics.name");
  const value = readPresent("metrics.value") ? readDouble("metrics.value") : null;
  const reason = readPresent("metrics.reason") ? readString("metrics.reason") : null;
  return { name, value, reason };
}

function readExperimentResultV1(): ExperimentResult {
  const experiment = readString("experiment");
  const strategy = readString("strategy");
  const bucket = readInt("bucket");
  const subjectHash = readString("subjectHash");
  const runId = readString("runId");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const candidates = readInt("candidates");
  const fallbackCandidates = readInt("fallbackCandidates");
  const metrics = readArray(32, 3, "metrics", readExperimentResultV1Metrics);
  return { experiment, strategy, bucket, subjectHash, runId, happenedAt, publishedAt, capturedAt, simulated, tradingDay, slot, trigger, session, candidates, fallbackCandidates, metrics };
}

function writeShortQuality(value: ShortQuality): void {
  writeString(value.symbol, "symbol");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.settlementDate, "settlementDate");
  writeString(value.source, "source");
  writeString(value.factId, "factId");
  writeInt(value.vintage, "vintage");
  writeBoolean(value.revision, "revision");
  writeBoolean(value.leading, "leading");
  writeLong(value.firstPublishedAt, "firstPublishedAt");
  writeLong(value.sharesShort, "sharesShort");
  if (writePresent(value.previousSharesShort)) { writeLong(value.previousSharesShort, "previousSharesShort"); }
  if (writePresent(value.averageDailyVolume)) { writeDouble(value.averageDailyVolume, "averageDailyVolume"); }
  if (writePresent(value.daysToCover)) { writeDouble(value.daysToCover, "daysToCover"); }
  if (writePresent(value.floatShares)) { writeDouble(value.floatShares, "floatShares"); }
  if (writePresent(value.percentFloat)) { writeDouble(value.percentFloat, "percentFloat"); }
  if (writePresent(value.change)) { writeDouble(value.change, "change"); }
  writeDouble(value.completeness, "completeness");
  writeDouble(value.accuracy, "accuracy");
  writeDouble(value.freshness, "freshness");
  if (writePresent(value.consistency)) { writeDouble(value.consistency, "consistency"); }
  writeDouble(value.overall, "overall");
  writeBoolean(value.usable, "usable");
  if (writePresent(value.usableUntil)) { writeLong(value.usableUntil, "usableUntil"); }
  startArray(8, value.exclusions, "exclusions"); for (const item of value.exclusions) writeString(item, "exclusions"); endArray();
  writeEnum(SOURCE_AGREEMENT, value.agreement, "agreement");
  writeDouble(value.agreementConfidence, "agreementConfidence");
  startArray(8, value.sources, "sources"); for (const item of value.sources) writeString(item, "sources"); endArray();
  writeDouble(value.deviation, "deviation");
  startArray(8, value.outliers, "outliers"); for (const item of value.outliers) writeString(item, "outliers"); endArray();
  if (writePresent(value.consensus)) { writeDouble(value.consensus, "consensus"); }
  writeBoolean(value.jump, "jump");
  writeBoolean(value.jumpIsNew, "jumpIsNew");
  startArray(16, value.notes, "notes"); for (const item of value.notes) writeString(item, "notes"); endArray();
}

function readShortQualityV1(): ShortQuality {
  const symbol = readString("symbol");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const settlementDate = readString("settlementDate");
  const source = readString("source");
  const factId = readString("factId");
  const vintage = readInt("vintage");
  const revision = readBoolean("revision");
  const leading = readBoolean("leading");
  const firstPublishedAt = readLong("firstPublishedAt");
  const sharesShort = readLong("sharesShort");
  const previousSharesShort = readPresent("previousSharesShort") ? readLong("previousSharesShort") : null;
  const averageDailyVolume = readPresent("averageDailyVolume") ? readDouble("averageDailyVolume") : null;
  const daysToCover = readPresent("daysToCover") ? readDouble("daysToCover") : null;
  const floatShares = readPresent("floatShares") ? readDouble("floatShares") : null;
  const percentFloat = readPresent("percentFloat") ? readDouble("percentFloat") : null;
  const change = readPresent("change") ? readDouble("change") : null;
  const completeness = readDouble("completeness");
  const accuracy = readDouble("accuracy");
  const freshness = readDouble("freshness");
  const consistency = readPresent("consistency") ? readDouble("consistency") : null;
  const overall = readDouble("overall");
  const usable = readBoolean("usable");
  const usableUntil = readPresent("usableUntil") ? readLong("usableUntil") : null;
  const exclusions = readArray(8, 1, "exclusions", readString);
  const agreement = readEnum(SOURCE_AGREEMENT, "agreement");
  const agreementConfidence = readDouble("agreementConfidence");
  const sources = readArray(8, 1, "sources", readString);
  const deviation = readDouble("deviation");
  const outliers = readArray(8, 1, "outliers", readString);
  const consensus = readPresent("consensus") ? readDouble("consensus") : null;
  const jump = readBoolean("jump");
  const jumpIsNew = readBoolean("jumpIsNew");
  const notes = readArray(16, 1, "notes", readString);
  return { symbol, happenedAt, publishedAt, capturedAt, simulated, settlementDate, source, factId, vintage, revision, leading, firstPublishedAt, sharesShort, previousSharesShort, averageDailyVolume, daysToCover, floatShares, percentFloat, change, completeness, accuracy, freshness, consistency, overall, usable, usableUntil, exclusions, agreement, agreementConfidence, sources, deviation, outliers, consensus, jump, jumpIsNew, notes };
}

function writeJobRun(value: JobRun): void {
  writeString(value.job, "job");
  writeLong(value.dueAt, "dueAt");
  writeLong(value.happenedAt, "happenedAt");
  writeEnum(JOB_RUN_STATE, value.state, "state");
  writeInt(value.attempt, "attempt");
  if (writePresent(value.startedAt)) { writeLong(value.startedAt, "startedAt"); }
  if (writePresent(value.processed)) { writeInt(value.processed, "processed"); }
  if (writePresent(value.successful)) { writeInt(value.successful, "successful"); }
  if (writePresent(value.failed)) { writeInt(value.failed, "failed"); }
  if (writePresent(value.reason)) { writeString(value.reason, "reason"); }
  if (writePresent(value.errorCode)) { writeString(value.errorCode, "errorCode"); }
  if (writePresent(value.errorMessage)) { writeString(value.errorMessage, "errorMessage"); }
  if (writePresent(value.retryAt)) { writeLong(value.retryAt, "retryAt"); }
  if (writePresent(value.nextDueAt)) { writeLong(value.nextDueAt, "nextDueAt"); }
}

function readJobRunV1(): JobRun {
  const job = readString("job");
  const dueAt = readLong("dueAt");
  const happenedAt = readLong("happenedAt");
  const state = readEnum(JOB_RUN_STATE, "state");
  const attempt = readInt("attempt");
  const startedAt = readPresent("startedAt") ? readLong("startedAt") : null;
  const processed = readPresent("processed") ? readInt("processed") : null;
  const successful = readPresent("successful") ? readInt("successful") : null;
  const failed = readPresent("failed") ? readInt("failed") : null;
  const reason = readPresent("reason") ? readString("reason") : null;
  const errorCode = readPresent("errorCode") ? readString("errorCode") : null;
  const errorMessage = readPresent("errorMessage") ? readString("errorMessage") : null;
  const retryAt = readPresent("retryAt") ? readLong("retryAt") : null;
  const nextDueAt = readPresent("nextDueAt") ? readLong("nextDueAt") : null;
  return { job, dueAt, happenedAt, state, attempt, startedAt, processed, successful, failed, reason, errorCode, errorMessage, retryAt, nextDueAt };
}

function writeProviderAnswerParameters(value: AskedParameter): void {
  writeString(value.name, "parameters.name");
  writeString(value.value, "parameters.value");
}

function writeProviderAnswer(value: ProviderAnswer): void {
  writeString(value.provider, "provider");
  writeString(value.endpoint, "endpoint");
  writeString(value.origin, "origin");
  startArray(20, value.parameters, "parameters"); for (const item of value.parameters) writeProviderAnswerParameters(item); endArray();
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.answeredAt, "answeredAt");
  writeLong(value.responseMs, "responseMs");
  writeInt(value.attempt, "attempt");
  writeString(value.callId, "callId");
  writeInt(value.httpStatus, "httpStatus");
  if (writePresent(value.contentType)) { writeString(value.contentType, "contentType"); }
  if (writePresent(value.errorCode)) { writeString(value.errorCode, "errorCode"); }
  if (writePresent(value.sha256)) { writeString(value.sha256, "sha256"); }
  if (writePresent(value.bodyBytes)) { writeLong(value.bodyBytes, "bodyBytes"); }
  writeBoolean(value.redacted, "redacted");
  if (writePresent(value.encoding)) { writeString(value.encoding, "encoding"); }
  if (writePresent(value.body)) { writeString(value.body, "body"); }
  writeInt(value.part, "part");
  writeInt(value.parts, "parts");
  if (writePresent(value.missing)) { writeString(value.missing, "missing"); }
  writeBoolean(value.simulated, "simulated");
}

function readProviderAnswerV1Parameters(): AskedParameter {
  const name = readString("parameters.name");
  const value = readString("parameters.value");
  return { name, value };
}

function readProviderAnswerV1(): ProviderAnswer {
  const provider = readString("provider");
  const endpoint = readString("endpoint");
  const origin = readString("origin");
  const parameters = readArray(20, 2, "parameters", readProviderAnswerV1Parameters);
  const happenedAt = readLong("happenedAt");
  const answeredAt = readLong("answeredAt");
  const responseMs = readLong("responseMs");
  const attempt = readInt("attempt");
  const callId = readString("callId");
  const httpStatus = readInt("httpStatus");
  const contentType = readPresent("contentType") ? readString("contentType") : null;
  const errorCode = readPresent("errorCode") ? readString("errorCode") : null;
  const sha256 = readPresent("sha256") ? readString("sha256") : null;
  const bodyBytes = readPresent("bodyBytes") ? readLong("bodyBytes") : null;
  const redacted = readBoolean("redacted");
  const encoding = readPresent("encoding") ? readString("encoding") : null;
  const body = readPresent("body") ? readString("body") : null;
  const part = readInt("part");
  const parts = readInt("parts");
  const missing = readPresent("missing") ? readString("missing") : null;
  const simulated = readBoolean("simulated");
  return { provider, endpoint, origin, parameters, happenedAt, answeredAt, responseMs, attempt, callId, httpStatus, contentType, errorCode, sha256, bodyBytes, redacted, encoding, body, part, parts, missing, simulated };
}

function writeAlertRaised(value: AlertRaised): void {
  writeString(value.kind, "kind");
  writeEnum(OPERATIONAL_SEVERITY, value.severity, "severity");
  writeString(value.subject, "subject");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.raisedAt, "raisedAt");
  writeString(value.finding, "finding");
  writeString(value.advice, "advice");
  writeString(value.causeId, "causeId");
  writeBoolean(value.simulated, "simulated");
}

function readAlertRaisedV1(): AlertRaised {
  const kind = readString("kind");
  const severity = readEnum(OPERATIONAL_SEVERITY, "severity");
  const subject = readString("subject");
  const happenedAt = readLong("happenedAt");
  const raisedAt = readLong("raisedAt");
  const finding = readString("finding");
  const advice = readString("advice");
  const causeId = readString("causeId");
  const simulated = readBoolean("simulated");
  return { kind, severity, subject, happenedAt, raisedAt, finding, advice, causeId, simulated };
}

function writeHourMetric(value: HourMetric): void {
  writeString(value.metric, "metric");
  writeString(value.subject, "subject");
  writeBoolean(value.simulated, "simulated");
  writeLong(value.happenedAt, "happenedAt");
  writeInt(value.sessionMinutes, "sessionMinutes");
  if (writePresent(value.value)) { writeDouble(value.value, "value"); }
  writeInt(value.samples, "samples");
  writeEnum(HOUR_VERDICT, value.verdict, "verdict");
  if (writePresent(value.reason)) { writeString(value.reason, "reason"); }
  if (writePresent(value.usual)) { writeDouble(value.usual, "usual"); }
  if (writePresent(value.score)) { writeDouble(value.score, "score"); }
  writeInt(value.hours, "hours");
}

function readHourMetricV1(): HourMetric {
  const metric = readString("metric");
  const subject = readString("subject");
  const simulated = readBoolean("simulated");
  const happenedAt = readLong("happenedAt");
  const sessionMinutes = readInt("sessionMinutes");
  const value = readPresent("value") ? readDouble("value") : null;
  const samples = readInt("samples");
  const verdict = readEnum(HOUR_VERDICT, "verdict");
  const reason = readPresent("reason") ? readString("reason") : null;
  const usual = readPresent("usual") ? readDouble("usual") : null;
  const score = readPresent("score") ? readDouble("score") : null;
  const hours = readInt("hours");
  return { metric, subject, simulated, happenedAt, sessionMinutes, value, samples, verdict, reason, usual, score, hours };
}

function writeShadowSlotCandidates(value: ShadowCandidate): void {
  writeString(value.symbol, "candidates.symbol");
  writeDouble(value.score, "candidates.score");
  writeDouble(value.confidence, "candidates.confidence");
  writeEnum(LABEL, value.label, "candidates.label");
}

function writeShadowSlotShadowCandidates(value: ShadowCandidate): void {
  writeString(value.symbol, "shadowCandidates.symbol");
  writeDouble(value.score, "shadowCandidates.score");
  writeDouble(value.confidence, "shadowCandidates.confidence");
  writeEnum(LABEL, value.label, "shadowCandidates.label");
}

function writeShadowSlot(value: ShadowSlot): void {
  writeString(value.tradingDay, "tradingDay");
  writeLong(value.slot, "slot");
  writeLong(value.happenedAt, "happenedAt");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeString(value.shadowStrategy, "shadowStrategy");
  writeString(value.shadowConfigVersion, "shadowConfigVersion");
  writeInt(value.partition, "partition");
  writeInt(value.partitions, "partitions");
  writeInt(value.universe, "universe");
  writeInt(value.scored, "scored");
  writeInt(value.shadowScored, "shadowScored");
  writeInt(value.scoredByBoth, "scoredByBoth");
  writeInt(value.shadowFailed, "shadowFailed");
  writeInt(value.leftOut, "leftOut");
  writeInt(value.listed, "listed");
  writeInt(value.shadowListed, "shadowListed");
  startArray(100, value.candidates, "candidates"); for (const item of value.candidates) writeShadowSlotCandidates(item); endArray();
  startArray(100, value.shadowCandidates, "shadowCandidates"); for (const item of value.shadowCandidates) writeShadowSlotShadowCandidates(item); endArray();
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
}

function readShadowSlotV1Candidates(): ShadowCandidate {
  const symbol = readString("candidates.symbol");
  const score = readDouble("candidates.score");
  const confidence = readDouble("candidates.confidence");
  const label = readEnum(LABEL, "candidates.label");
  return { symbol, score, confidence, label };
}

function readShadowSlotV1ShadowCandidates(): ShadowCandidate {
  const symbol = readString("shadowCandidates.symbol");
  const score = readDouble("shadowCandidates.score");
  const confidence = readDouble("shadowCandidates.confidence");
  const label = readEnum(LABEL, "shadowCandidates.label");
  return { symbol, score, confidence, label };
}

function readShadowSlotV1(): ShadowSlot {
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const happenedAt = readLong("happenedAt");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const shadowStrategy = readString("shadowStrategy");
  const shadowConfigVersion = readString("shadowConfigVersion");
  const partition = readInt("partition");
  const partitions = readInt("partitions");
  const universe = readInt("universe");
  const scored = readInt("scored");
  const shadowScored = readInt("shadowScored");
  const scoredByBoth = readInt("scoredByBoth");
  const shadowFailed = readInt("shadowFailed");
  const leftOut = readInt("leftOut");
  const listed = readInt("listed");
  const shadowListed = readInt("shadowListed");
  const candidates = readArray(100, 18, "candidates", readShadowSlotV1Candidates);
  const shadowCandidates = readArray(100, 18, "shadowCandidates", readShadowSlotV1ShadowCandidates);
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  return { tradingDay, slot, happenedAt, trigger, session, strategy, profile, preset, configVersion, shadowStrategy, shadowConfigVersion, partition, partitions, universe, scored, shadowScored, scoredByBoth, shadowFailed, leftOut, listed, shadowListed, candidates, shadowCandidates, publishedAt, capturedAt, simulated };
}

function writeShadowRunCandidates(value: ShadowCandidate): void {
  writeString(value.symbol, "candidates.symbol");
  writeDouble(value.score, "candidates.score");
  writeDouble(value.confidence, "candidates.confidence");
  writeEnum(LABEL, value.label, "candidates.label");
}

function writeShadowRunShadowCandidates(value: ShadowCandidate): void {
  writeString(value.symbol, "shadowCandidates.symbol");
  writeDouble(value.score, "shadowCandidates.score");
  writeDouble(value.confidence, "shadowCandidates.confidence");
  writeEnum(LABEL, value.label, "shadowCandidates.label");
}

function writeShadowRun(value: ShadowRun): void {
  writeString(value.runId, "runId");
  writeString(value.shadowRunId, "shadowRunId");
  writeLong(value.happenedAt, "happenedAt");
  writeLong(value.publishedAt, "publishedAt");
  writeLong(value.capturedAt, "capturedAt");
  writeBoolean(value.simulated, "simulated");
  writeString(value.tradingDay, "tradingDay");
  writeLong(value.slot, "slot");
  writeEnum(TRIGGER, value.trigger, "trigger");
  writeEnum(SESSION, value.session, "session");
  writeString(value.strategy, "strategy");
  writeString(value.profile, "profile");
  writeString(value.preset, "preset");
  writeString(value.configVersion, "configVersion");
  writeString(value.shadowStrategy, "shadowStrategy");
  writeString(value.shadowConfigVersion, "shadowConfigVersion");
  writeInt(value.universe, "universe");
  writeInt(value.scored, "scored");
  writeInt(value.shadowScored, "shadowScored");
  writeInt(value.scoredByBoth, "scoredByBoth");
  writeInt(value.shadowFailed, "shadowFailed");
  writeInt(value.candidatesBeforeCap, "candidatesBeforeCap");
  writeInt(value.shadowCandidatesBeforeCap, "shadowCandidatesBeforeCap");
  startArray(100, value.candidates, "candidates"); for (const item of value.candidates) writeShadowRunCandidates(item); endArray();
  startArray(100, value.shadowCandidates, "shadowCandidates"); for (const item of value.shadowCandidates) writeShadowRunShadowCandidates(item); endArray();
  writeInt(value.inBoth, "inBoth");
  if (writePresent(value.overlap)) { writeDouble(value.overlap, "overlap"); }
  if (writePresent(value.overlapReason)) { writeString(value.overlapReason, "overlapReason"); }
  if (writePresent(value.overlapReached)) { writeBoolean(value.overlapReached, "overlapReached"); }
  if (writePresent(value.coverage)) { writeDouble(value.coverage, "coverage"); }
  if (writePresent(value.coverageReason)) { writeString(value.coverageReason, "coverageReason"); }
  if (writePresent(value.coverageReached)) { writeBoolean(value.coverageReached, "coverageReached"); }
  writeInt(value.missingPartitions, "missingPartitions");
}

function readShadowRunV1Candidates(): ShadowCandidate {
  const symbol = readString("candidates.symbol");
  const score = readDouble("candidates.score");
  const confidence = readDouble("candidates.confidence");
  const label = readEnum(LABEL, "candidates.label");
  return { symbol, score, confidence, label };
}

function readShadowRunV1ShadowCandidates(): ShadowCandidate {
  const symbol = readString("shadowCandidates.symbol");
  const score = readDouble("shadowCandidates.score");
  const confidence = readDouble("shadowCandidates.confidence");
  const label = readEnum(LABEL, "shadowCandidates.label");
  return { symbol, score, confidence, label };
}

function readShadowRunV1(): ShadowRun {
  const runId = readString("runId");
  const shadowRunId = readString("shadowRunId");
  const happenedAt = readLong("happenedAt");
  const publishedAt = readLong("publishedAt");
  const capturedAt = readLong("capturedAt");
  const simulated = readBoolean("simulated");
  const tradingDay = readString("tradingDay");
  const slot = readLong("slot");
  const trigger = readEnum(TRIGGER, "trigger");
  const session = readEnum(SESSION, "session");
  const strategy = readString("strategy");
  const profile = readString("profile");
  const preset = readString("preset");
  const configVersion = readString("configVersion");
  const shadowStrategy = readString("shadowStrategy");
  const shadowConfigVersion = readString("shadowConfigVersion");
  const universe = readInt("universe");
  const scored = readInt("scored");
  const shadowScored = readInt("shadowScored");
  const scoredByBoth = readInt("scoredByBoth");
  const shadowFailed = readInt("shadowFailed");
  const candidatesBeforeCap = readInt("candidatesBeforeCap");
  const shadowCandidatesBeforeCap = readInt("shadowCandidatesBeforeCap");
  const candidates = readArray(100, 18, "candidates", readShadowRunV1Candidates);
  const shadowCandidates = readArray(100, 18, "shadowCandidates", readShadowRunV1ShadowCandidates);
  const inBoth = readInt("inBoth");
  const overlap = readPresent("overlap") ? readDouble("overlap") : null;
  const overlapReason = readPresent("overlapReason") ? readString("overlapReason") : null;
  const overlapReached = readPresent("overlapReached") ? readBoolean("overlapReached") : null;
  const coverage = readPresent("coverage") ? readDouble("coverage") : null;
  const coverageReason = readPresent("coverageReason") ? readString("coverageReason") : null;
  const coverageReached = readPresent("coverageReached") ? readBoolean("coverageReached") : null;
  const missingPartitions = readInt("missingPartitions");
  return { runId, shadowRunId, happenedAt, publishedAt, capturedAt, simulated, tradingDay, slot, trigger, session, strategy, profile, preset, configVersion, shadowStrategy, shadowConfigVersion, universe, scored, shadowScored, scoredByBoth, shadowFailed, candidatesBeforeCap, shadowCandidatesBeforeCap, candidates, shadowCandidates, inBoth, overlap, overlapReason, overlapReached, coverage, coverageReason, coverageReached, missingPartitions };
}

/** Writes the newest version of each topic's value. */
export const ENCODERS: { readonly [T in TopicName]: (value: EventOf<T>) => void } = {
  "market.corporate-action.v1": writeCorporateAction,
  "market.halt.v1": writeHalt,
  "market.reference.v1": writeReference,
  "short.interest.v1": writeShortInterest,
  "short.volume.v1": writeShortVolume,
  "short.fails-to-deliver.v1": writeFailsToDeliver,
  "market.news.v1": writeNews,
  "market.options.v1": writeOptions,
  "market.price-tick.v1": writePriceTick,
  "ops.control.v1": writeControl,
  "ops.clock.v1": writeClock,
  "signals.features.v1": writeFeatures,
  "signals.detection.v1": writeDetection,
  "signals.verdict.v1": writeVerdict,
  "discovery.candidate.v1": writeCandidate,
  "ops.slot-closed.v1": writeSlotClosed,
  "discovery.run.v1": writeRun,
  "discovery.recommendation.v1": writeRecommendation,
  "alerts.requested.v1": writeRequested,
  "alerts.delivery.v1": writeDelivery,
  "ops.stage-timing.v1": writeStageTiming,
  "ops.provider-call.v1": writeProviderCall,
  "ops.circuit-breaker.v1": writeCircuitBreaker,
  "portfolio.position.v1": writePosition,
  "ops.job-tick.v1": writeJobTick,
  "experiments.result.v1": writeExperimentResult,
  "short.quality.v1": writeShortQuality,
  "ops.job-run.v1": writeJobRun,
  "ops.provider-answer.v1": writeProviderAnswer,
  "ops.alert-raised.v1": writeAlertRaised,
  "ops.hour-metric.v1": writeHourMetric,
  "ops.shadow-slot.v1": writeShadowSlot,
  "discovery.shadow-run.v1": writeShadowRun,
};

/** Reads any released version of each topic's value, by schema id, as the newest. */
export const DECODERS: {
  readonly [T in TopicName]: ReadonlyMap<number, () => EventOf<T>>;
} = {
  "market.corporate-action.v1": new Map([[1, readCorporateActionV1]]),
  "market.halt.v1": new Map([[2, readHaltV1]]),
  "market.reference.v1": new Map([[3, readReferenceV1]]),
  "short.interest.v1": new Map([[4, readShortInterestV1]]),
  "short.volume.v1": new Map([[5, readShortVolumeV1]]),
  "short.fails-to-deliver.v1": new Map([[6, readFailsToDeliverV1]]),
  "market.news.v1": new Map([[7, readNewsV1]]),
  "market.options.v1": new Map([[8, readOptionsV1]]),
  "market.price-tick.v1": new Map([[9, readPriceTickV1]]),
  "ops.control.v1": new Map([[10, readControlV1]]),
  "ops.clock.v1": new Map([[11, readClockV1]]),
  "signals.features.v1": new Map([[12, readFeaturesV1], [30, readFeaturesV2]]),
  "signals.detection.v1": new Map([[13, readDetectionV1]]),
  "signals.verdict.v1": new Map([[14, readVerdictV1], [31, readVerdictV2]]),
  "discovery.candidate.v1": new Map([[15, readCandidateV1], [32, readCandidateV2]]),
  "ops.slot-closed.v1": new Map([[16, readSlotClosedV1], [26, readSlotClosedV2], [28, readSlotClosedV3]]),
  "discovery.run.v1": new Map([[17, readRunV1]]),
  "discovery.recommendation.v1": new Map([[18, readRecommendationV1], [33, readRecommendationV2]]),
  "alerts.requested.v1": new Map([[19, readRequestedV1]]),
  "alerts.delivery.v1": new Map([[20, readDeliveryV1], [38, readDeliveryV2]]),
  "ops.stage-timing.v1": new Map([[21, readStageTimingV1]]),
  "ops.provider-call.v1": new Map([[22, readProviderCallV1]]),
  "ops.circuit-breaker.v1": new Map([[23, readCircuitBreakerV1]]),
  "portfolio.position.v1": new Map([[24, readPositionV1]]),
  "ops.job-tick.v1": new Map([[27, readJobTickV1]]),
  "experiments.result.v1": new Map([[25, readExperimentResultV1]]),
  "short.quality.v1": new Map([[29, readShortQualityV1]]),
  "ops.job-run.v1": new Map([[34, readJobRunV1]]),
  "ops.provider-answer.v1": new Map([[35, readProviderAnswerV1]]),
  "ops.alert-raised.v1": new Map([[36, readAlertRaisedV1]]),
  "ops.hour-metric.v1": new Map([[37, readHourMetricV1]]),
  "ops.shadow-slot.v1": new Map([[39, readShadowSlotV1]]),
  "discovery.shadow-run.v1": new Map([[40, readShadowRunV1]]),
};

/** As `DECODERS`, for those who want excerpts only. */
export const EXCERPT_DECODERS: {
  readonly [T in TopicName]: ReadonlyMap<number, () => ExcerptOf<T>>;
} = {
  "market.corporate-action.v1": DECODERS["market.corporate-action.v1"],
  "market.halt.v1": DECODERS["market.halt.v1"],
  "market.reference.v1": DECODERS["market.reference.v1"],
  "short.interest.v1": DECODERS["short.interest.v1"],
  "short.volume.v1": DECODERS["short.volume.v1"],
  "short.fails-to-deliver.v1": DECODERS["short.fails-to-deliver.v1"],
  "market.news.v1": DECODERS["market.news.v1"],
  "market.options.v1": DECODERS["market.options.v1"],
  "market.price-tick.v1": DECODERS["market.price-tick.v1"],
  "ops.control.v1": DECODERS["ops.control.v1"],
  "ops.clock.v1": DECODERS["ops.clock.v1"],
  "signals.features.v1": new Map([[12, readFeaturesExcerptV1], [30, readFeaturesExcerptV2]]),
  "signals.detection.v1": new Map([[13, readDetectionExcerptV1]]),
  "signals.verdict.v1": new Map([[14, readVerdictExcerptV1], [31, readVerdictExcerptV2]]),
  "discovery.candidate.v1": DECODERS["discovery.candidate.v1"],
  "ops.slot-closed.v1": DECODERS["ops.slot-closed.v1"],
  "discovery.run.v1": DECODERS["discovery.run.v1"],
  "discovery.recommendation.v1": DECODERS["discovery.recommendation.v1"],
  "alerts.requested.v1": DECODERS["alerts.requested.v1"],
  "alerts.delivery.v1": DECODERS["alerts.delivery.v1"],
  "ops.stage-timing.v1": DECODERS["ops.stage-timing.v1"],
  "ops.provider-call.v1": DECODERS["ops.provider-call.v1"],
  "ops.circuit-breaker.v1": DECODERS["ops.circuit-breaker.v1"],
  "portfolio.position.v1": DECODERS["portfolio.position.v1"],
  "ops.job-tick.v1": DECODERS["ops.job-tick.v1"],
  "experiments.result.v1": DECODERS["experiments.result.v1"],
  "short.quality.v1": DECODERS["short.quality.v1"],
  "ops.job-run.v1": DECODERS["ops.job-run.v1"],
  "ops.provider-answer.v1": DECODERS["ops.provider-answer.v1"],
  "ops.alert-raised.v1": DECODERS["ops.alert-raised.v1"],
  "ops.hour-metric.v1": DECODERS["ops.hour-metric.v1"],
  "ops.shadow-slot.v1": DECODERS["ops.shadow-slot.v1"],
  "discovery.shadow-run.v1": DECODERS["discovery.shadow-run.v1"],
};
