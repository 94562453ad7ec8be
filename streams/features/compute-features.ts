import type { Features, Input, Session, Trigger } from "@amc/schemas/generated/events";
import { sessionOf } from "../market/sessions.ts";
import type { ShortInterestRules } from "../short-interest/rules.ts";
import { crossedLevels } from "./crossings.ts";
import { type DailyIndicators, type LiveIndicators, liveIndicators } from "./daily-indicators.ts";
import { type DayValues, dayValues } from "./day-values.ts";
import { evidenceKey, evidenceOf } from "./evidence.ts";
import type { FeatureFlag } from "./feature-flags.ts";
import { MissingValues } from "./missing-values.ts";
import { type ReferenceValues, referenceValues } from "./reference-values.ts";
import { jumpsToday, type SymbolHistory } from "./symbol-history.ts";
import { type VolumeValues, volumeValues } from "./volume-values.ts";

export interface FeatureMoment {
  readonly symbol: string;
  /** Instant of the tick, UTC ms. */
  readonly atMs: number;
  /** Trading day that is looked at, yyyy-mm-dd. */
  readonly day: string;
  readonly trigger: Trigger;
  readonly slot: number | null;
  /** Whether a level crossed in this slice turns it into an evaluation of its own. */
  readonly mayCross: boolean;
}

export interface ComputedFeatures {
  readonly values: Features;
  /** Text that names every fact the values depend on; part of the event's id. */
  readonly evidence: string;
}

/** Everything that may be known about one symbol at one instant. */
export function computeFeatures(
  history: SymbolHistory,
  indicators: DailyIndicators,
  moment: FeatureMoment,
  rules: ShortInterestRules,
): ComputedFeatures {
  const missing = new MissingValues();
  const session: Session = moment.trigger === "DAILY" ? "REGULAR" : sessionOf(moment.atMs);
  const today = dayValues(history, missing);
  const volumes = volumeValues(today, indicators, moment, session, missing);
  const crossings = crossedLevels(volumes.relvol30, history.session.crossedLevels);
  const crossed = moment.trigger === "SLICE" && moment.mayCross && crossings.length > 0;
  const reference = referenceValues(history.reference, indicators, rules, moment.atMs);
  const values = featuresOf({
    history,
    indicators,
    moment,
    trigger: crossed ? "CROSSING" : moment.trigger,
    session,
    today,
    volumes,
    crossings,
    live: liveIndicators(indicators, today.price, missing),
    reference,
    missing,
  });
  return { values, evidence: evidenceKey(history, indicators, reference) };
}

interface FeatureParts {
  readonly history: SymbolHistory;
  readonly indicators: DailyIndicators;
  readonly moment: FeatureMoment;
  /** That of the moment, or that of a level crossed in it. */
  readonly trigger: Trigger;
  readonly session: Session;
  readonly today: DayValues;
  readonly volumes: VolumeValues;
  readonly crossings: readonly string[];
  readonly live: LiveIndicators;
  readonly reference: ReferenceValues;
  readonly missing: MissingValues;
}

// One line per field of the event and nothing to split by. Spreading the parts would be shorter, but
// takes about 2 us more for each event (Node 24).
// oxlint-disable-next-line max-lines-per-function
function featuresOf(parts: FeatureParts): Features {
  const { history, indicators, moment, trigger, today, volumes, live, reference, missing } = parts;
  const { warm } = indicators;
  const { values: known } = reference;
  const newest = newestTimes(history, reference);
  return {
    symbol: moment.symbol,
    happenedAt: moment.atMs,
    publishedAt: newest.publishedAt,
    capturedAt: newest.capturedAt,
    simulated: newest.simulated,
    trigger,
    slot: moment.slot,
    session: parts.session,
    tradingDay: moment.day,
    crossings: parts.crossings,
    price: today.price,
    priceAt: today.priceAt,
    prevClose: warm.prevClose,
    dayOpen: today.dayOpen,
    dayHigh: today.dayHigh,
    dayLow: today.dayLow,
    vwap: today.vwap,
    sessionVolume: today.sessionVolume,
    extendedVolume: today.extendedVolume,
    dollarVolume: today.dollarVolume,
    adv30: warm.adv30,
    adv5: warm.adv5,
    volumeSpikeRaw: volumes.volumeSpikeRaw,
    volumeSpike: volumes.volumeSpike,
    volumeSpikeEarly: volumes.volumeSpikeEarly,
    volumeSpikeConfirmation: volumes.volumeSpikeConfirmation,
    relvol30: volumes.relvol30,
    relvol5: volumes.relvol5,
    atr14: warm.atr14,
    atrPct: warm.atrPct,
    rsi14: warm.rsi14,
    rsi14Live: live.rsi14Live,
    ema9: warm.ema9,
    ema20: warm.ema20,
    ema9Live: live.ema9Live,
    ema20Live: live.ema20Live,
    macd: warm.macd,
    macdSignal: warm.macdSignal,
    macdHistogram: warm.macdHistogram,
    uptrendDays: warm.uptrendDays,
    priceChange5d: warm.priceChange5d,
    high20: warm.high20,
    floatShares: known.floatShares,
    floatPrecision: known.floatPrecision,
    sharesOutstanding: known.sharesOutstanding,
    floatRatio: known.floatRatio,
    sharesShort: known.sharesShort,
    shortSettlementDate: known.shortSettlementDate,
    shortPublishedAt: known.shortPublishedAt,
    shortInterestQuality: known.shortInterestQuality,
    shortFraction: known.shortFraction,
    daysToCover: known.daysToCover,
    sharesShortChange: known.sharesShortChange,
    shortVolumeFraction: known.shortVolumeFraction,
    failsToDeliverFlag: known.failsToDeliverFlag,
    thresholdFlag: known.thresholdFlag,
    borrowFee: known.borrowFee,
    utilisation: known.utilisation,
    atmIv: known.atmIv,
    ivPercentile: known.ivPercentile,
    callPutRatio: known.callPutRatio,
    gammaWallStrike: known.gammaWallStrike,
    optionsVolumeRatio: known.optionsVolumeRatio,
    optionsConfidence: known.optionsConfidence,
    newsSentiment: known.newsSentiment,
    newsSources: known.newsSources,
    newsConfidence: known.newsConfidence,
    socialRank: known.socialRank,
    nextEventDays: known.nextEventDays,
    flags: flagsOf(history, indicators, reference),
    completedSessions: history.window.size,
    intraday: today.intraday,
    missing: [...missing.all, ...indicators.missing, ...reference.missing],
    inputs: trigger === "SLICE" ? NO_INPUTS : evidenceOf(history, reference.used),
  };
}

const NO_INPUTS: readonly Input[] = [];

function newestTimes(
  { session }: SymbolHistory,
  reference: ReferenceValues,
): { publishedAt: number; capturedAt: number; simulated: boolean } {
  let publishedAt = Math.max(session.publishedAt, reference.publishedAt);
  let capturedAt = Math.max(session.capturedAt, reference.capturedAt);
  let simulated = session.simulated || reference.simulated;
  for (const one of [session.daily, session.previous]) {
    if (one === null) continue;
    if (one.publishedAt > publishedAt) publishedAt = one.publishedAt;
    if (one.capturedAt > capturedAt) capturedAt = one.capturedAt;
    simulated ||= one.simulated;
  }
  return { publishedAt, capturedAt, simulated };
}

const NO_FLAGS: readonly FeatureFlag[] = [];

function flagsOf(
  history: SymbolHistory,
  indicators: DailyIndicators,
  reference: ReferenceValues,
): readonly FeatureFlag[] {
  const { session } = history;
  const flags: FeatureFlag[] = [];
  if (session.suspectPrints > 0) flags.push("suspect-print");
  if (session.jumpAge >= 0 || jumpsToday(session, indicators)) {
    flags.push("suspect:unexplained-jump");
  }
  if (history.reference.halt?.status === "HALTED") flags.push("halted");
  if (session.lateFacts > 0) flags.push("late-fact");
  if (session.mixedScopes) flags.push("mixed-scopes");
  flags.push(...reference.flags);
  return flags.length === 0 ? NO_FLAGS : flags;
}
