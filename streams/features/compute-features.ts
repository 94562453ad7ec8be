import type { Features, Input, Session, Trigger, VolumeScope } from "@amc/schemas/generated/events";
import { minutesSinceOpen, sessionBounds, sessionOf } from "../market/sessions.ts";
import { crossedLevels } from "./crossings.ts";
import { type DailyIndicators, type LiveIndicators, liveIndicators } from "./daily-indicators.ts";
import { evidenceKey, evidenceOf } from "./evidence.ts";
import { MissingValues } from "./missing-values.ts";
import { type ReferenceValues, referenceValues } from "./reference-values.ts";
import { jumpsToday, type SymbolHistory } from "./symbol-history.ts";
import { scopeClassOf } from "./volume-scope.ts";

/** A relative volume is never judged on less than half an hour of trading (domain-facts §3). */
const RELVOL_MINUTES_MIN = 30;

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

/** Relative volumes of the running day, all null together when there is no comparable volume. */
interface VolumeValues {
  readonly volumeSpikeRaw: number | null;
  readonly volumeSpike: number | null;
  readonly volumeSpikeEarly: number | null;
  readonly volumeSpikeConfirmation: number | null;
  readonly relvol30: number | null;
  readonly relvol5: number | null;
}

/** What happened today, from ticks or, where there are none, from the daily bar. */
interface DayValues {
  readonly intraday: boolean;
  readonly price: number | null;
  readonly priceAt: number | null;
  readonly dayOpen: number | null;
  readonly dayHigh: number | null;
  readonly dayLow: number | null;
  readonly vwap: number | null;
  readonly sessionVolume: number | null;
  readonly extendedVolume: number | null;
  readonly dollarVolume: number | null;
  readonly scope: VolumeScope | null;
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
): ComputedFeatures {
  const { symbol, atMs, day, slot } = moment;
  const missing = new MissingValues();
  const session: Session = moment.trigger === "DAILY" ? "REGULAR" : sessionOf(atMs);
  const today = dayValues(history, missing);
  const volumes = volumeValues(today, indicators, moment, session, missing);
  const crossings = crossedLevels(volumes.relvol30, history.session.crossedLevels);
  const crossed = moment.trigger === "SLICE" && moment.mayCross && crossings.length > 0;
  const trigger = crossed ? "CROSSING" : moment.trigger;
  const live = today.price === null ? NO_LIVE : liveIndicators(indicators, today.price);
  const reference = referenceValues(history.reference, indicators.adv30, atMs);
  const { values: known } = reference;
  const { warm } = indicators;
  const newest = newestTimes(history, reference);
  // Written out field by field: of all ways to build this object it is by far the fastest.
  const values: Features = {
    symbol,
    happenedAt: atMs,
    publishedAt: newest.publishedAt,
    capturedAt: newest.capturedAt,
    simulated: newest.simulated,
    trigger,
    slot,
    session,
    tradingDay: day,
    crossings,
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
  return { values, evidence: evidenceKey(history, indicators, reference) };
}

const NO_INPUTS: readonly Input[] = [];
const NO_LIVE: LiveIndicators = { rsi14Live: null, ema9Live: null, ema20Live: null };

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function dayValues({ session }: SymbolHistory, missing: MissingValues): DayValues {
  if (session.ticks === 0 && session.daily !== null) return dailyBarValues(session.daily, missing);
  const intraday = session.ticks > 0;
  const price = orNull(session.price);
  if (price === null) missing.note("price", "no-price");
  const vwap = session.volume > 0 ? session.priceVolume / session.volume : null;
  if (vwap === null) missing.note("vwap", intraday ? "no-session-volume" : "no-intraday-bars");
  return {
    intraday,
    price,
    priceAt: price === null ? null : session.priceAt,
    dayOpen: orNull(session.open) ?? missing.note("dayOpen", "no-session-volume"),
    dayHigh: orNull(session.high) ?? missing.note("dayHigh", "no-price"),
    dayLow: orNull(session.low) ?? missing.note("dayLow", "no-price"),
    vwap,
    sessionVolume: intraday ? session.volume : missing.note("sessionVolume", "no-intraday-bars"),
    extendedVolume: intraday
      ? session.extendedVolume
      : missing.note("extendedVolume", "no-intraday-bars"),
    dollarVolume: intraday
      ? session.dollarVolume
      : missing.note("dollarVolume", "no-intraday-bars"),
    scope: intraday && !session.mixedScopes ? session.scope : null,
  };
}

function dailyBarValues(
  daily: NonNullable<SymbolHistory["session"]["daily"]>,
  missing: MissingValues,
): DayValues {
  const { open, high, low, close, volume, happenedAt, scope } = daily;
  return {
    intraday: false,
    price: close,
    priceAt: happenedAt,
    dayOpen: open,
    dayHigh: high,
    dayLow: low,
    vwap: missing.note("vwap", "daily-resolution"),
    sessionVolume: volume,
    extendedVolume: missing.note("extendedVolume", "daily-resolution"),
    dollarVolume: ((high + low + close) / 3) * volume,
    scope,
  };
}

const VOLUME_FEATURES = [
  "volumeSpikeRaw",
  "volumeSpike",
  "volumeSpikeEarly",
  "volumeSpikeConfirmation",
  "relvol30",
  "relvol5",
] as const;

const NO_VOLUMES: VolumeValues = {
  volumeSpikeRaw: null,
  volumeSpike: null,
  volumeSpikeEarly: null,
  volumeSpikeConfirmation: null,
  relvol30: null,
  relvol5: null,
};

function volumeValues(
  today: DayValues,
  indicators: DailyIndicators,
  { atMs, day, trigger }: FeatureMoment,
  session: Session,
  missing: MissingValues,
): VolumeValues {
  const { adv30, adv10, adv5, scopeClass } = indicators;
  const volume = today.sessionVolume;
  if (volume === null || adv30 === null || adv30 === 0) {
    for (const feature of VOLUME_FEATURES) {
      if (volume === null) missing.note(feature, "no-intraday-bars");
      else missing.warm(feature, null, indicators.sessions, 30);
    }
    return NO_VOLUMES;
  }
  if (today.scope === null || scopeClassOf(today.scope) !== scopeClass) {
    for (const feature of VOLUME_FEATURES) missing.note(feature, "scope");
    return NO_VOLUMES;
  }
  const raw = volume / adv30;
  const bounds = sessionBounds(day);
  const over = trigger === "DAILY" || atMs >= bounds.closeMs;
  const started = over || atMs >= bounds.openMs;
  const minutes = Math.max(RELVOL_MINUTES_MIN, minutesSinceOpen(bounds, atMs));
  const expectedShare = over ? 1 : minutes / bounds.regularMinutes;
  const relative = session === "REGULAR";
  return {
    volumeSpikeRaw: raw,
    volumeSpike: started
      ? volume / (adv30 * expectedShare)
      : missing.note("volumeSpike", "outside-regular-session"),
    volumeSpikeEarly: adv5 === null || adv5 === 0 ? null : (volume / adv5) * 0.8,
    volumeSpikeConfirmation: adv10 === null || adv10 === 0 ? null : (volume / adv10) * 0.9,
    relvol30: relative
      ? volume / (adv30 * expectedShare)
      : missing.note("relvol30", "outside-regular-session"),
    relvol5:
      relative && adv5 !== null && adv5 !== 0
        ? volume / (adv5 * expectedShare)
        : missing.note("relvol5", "outside-regular-session"),
  };
}

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

const NO_FLAGS: readonly string[] = [];

function flagsOf(
  history: SymbolHistory,
  indicators: DailyIndicators,
  reference: ReferenceValues,
): readonly string[] {
  const { session } = history;
  const flags: string[] = [];
  if (session.suspectPrints > 0) flags.push("suspect-print");
  if (session.jumpAge >= 0 || jumpsToday(session, indicators)) {
    flags.push("suspect:unexplained-jump");
  }
  if (history.reference.halted !== null) flags.push("halted");
  if (session.lateFacts > 0) flags.push("late-fact");
  if (session.mixedScopes) flags.push("mixed-scopes");
  flags.push(...reference.flags);
  return flags.length === 0 ? NO_FLAGS : flags;
}
