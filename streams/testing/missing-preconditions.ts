import type { Features } from "@amc/schemas/generated/events";
import type { MissingReason } from "../features/missing-values.ts";
import type { SymbolMarket } from "./arbitrary-symbol-market.ts";

/** Fields of a features event that are null for what they are, and not for want of a fact. */
const NO_VALUES: ReadonlySet<string> = new Set(["slot"]);

type Holds = (feature: string, features: Features, market: SymbolMarket) => boolean;

/**
 * What has to be true of a market before a reason may be given, told from the market alone: the
 * recorded facts, and of the features event only what stands in it.
 */
const PRECONDITIONS: Readonly<Record<MissingReason, Holds>> = {
  "warming-up": (feature, features, market) => {
    const { have, need } = entryOf(feature, features);
    const known = feature === "ivPercentile" ? market.optionDays : market.sessions;
    return have === known && need !== null && have < need;
  },
  "no-price": (_feature, { price }, { today }) => price === null && today !== "daily",
  "no-intraday-bars": (_feature, { intraday, sessionVolume }) =>
    !intraday && sessionVolume === null,
  "no-session-volume": (_feature, { intraday, sessionVolume }) => intraday && sessionVolume === 0,
  "daily-resolution": (_feature, _features, { today }) => today === "daily",
  "outside-regular-session": (_feature, { session }) => session !== "REGULAR",
  scope: (_feature, _features, { dailyScope, ticks, today }) =>
    today === "daily"
      ? dailyScope !== "CONSOLIDATED"
      : ticks.some(({ volumeScope }) => volumeScope !== dailyScope),
  "not-published": (feature, _features, market) => isUnpublished(feature, market),
  "no-source": (feature, _features, market) => UNSTATED[feature]?.(market) ?? false,
  "float-unknown": (feature, { floatShares }, { float }) =>
    feature === "floatRatio" ? float === null || float.precision === "BOUND" : floatShares === null,
  "out-of-range": (_feature, { sharesShort, floatShares }) =>
    sharesShort !== null && floatShares !== null && sharesShort > 3 * floatShares,
  stale: (_feature, _features, market) =>
    credibleNews(market).length > 0 && credibleNews(market).every(({ ageHours }) => ageHours > 24),
  "zero-base": (feature, _features, market) => baseOf(feature, market) === 0,
  "price-unchanged": (_feature, _features, { flat, sessions }) => flat && sessions >= 14,
  "quality-below-threshold": (_feature, { shortInterestQuality }) =>
    shortInterestQuality !== null && shortInterestQuality < 0.75,
  "thinly-traded": (_feature, _features, market) =>
    (market.interest?.averageDailyVolume ?? meanOfLast(30, market) ?? Number.NaN) < 1_000_000,
  "sources-disagree": (_feature, _features, { interest }) => {
    if (interest === null || interest.rival === null) return false;
    const { sharesShort, rival } = interest;
    // Of two figures both are as far from their median, which is their mean.
    return Math.abs(rival - sharesShort) > 0.3 * (rival + sharesShort);
  },
  "unusable-quote": (_feature, _features, { options }) =>
    options !== null && !["usable", "absent"].includes(options.quotes),
};

function entryOf(feature: string, { missing }: Features) {
  const entry = missing.find((one) => one.feature === feature);
  return { have: entry?.have ?? Number.NaN, need: entry?.need ?? null };
}

function isUnpublished(feature: string, { shortVolume, fails, interest }: SymbolMarket): boolean {
  if (feature === "shortVolumeFraction") return shortVolume === null;
  if (feature === "failsToDeliverFlag") return !fails;
  return interest === null;
}

function credibleNews({ news }: SymbolMarket): SymbolMarket["news"] {
  return news.filter(({ polarity, credibility }) => polarity !== null && credibility !== 0);
}

const isUnquoted = ({ options }: SymbolMarket): boolean =>
  options === null || options.quotes === "absent" || options.underlyingPrice === null;

/** Per feature: nobody has said what it is made of. */
const UNSTATED: Readonly<Record<string, (market: SymbolMarket) => boolean>> = {
  floatShares: ({ float, outstanding }) => float === null && outstanding === null,
  floatPrecision: ({ float, outstanding }) => float === null && outstanding === null,
  sharesOutstanding: ({ outstanding }) => outstanding === null,
  floatRatio: ({ float, outstanding }) =>
    float !== null && float.precision !== "BOUND" && outstanding === null,
  failsToDeliverFlag: ({ fails, outstanding }) => fails && outstanding === null,
  thresholdFlag: ({ threshold }) => !threshold,
  borrowFee: ({ borrowFee }) => !borrowFee,
  utilisation: ({ utilisation }) => !utilisation,
  sharesShortChange: ({ interest }) => interest !== null && interest.previousSharesShort === null,
  atmIv: isUnquoted,
  ivPercentile: isUnquoted,
  callPutRatio: ({ options }) =>
    options === null || options.callVolume === null || options.putVolume === null,
  gammaWallStrike: ({ options }) => options === null || options.gammaWallStrike === null,
  optionsVolumeRatio: ({ options }) => options === null || options.volumeRatio === null,
  optionsConfidence: ({ options }) =>
    options === null || options.quotes === "absent" || options.putBid === null,
  newsSentiment: (market) => credibleNews(market).length === 0,
  newsConfidence: (market) => credibleNews(market).length === 0,
  socialRank: () => true,
  nextEventDays: ({ news }) => news.every(({ eventInDays }) => (eventInDays ?? -1) < 0),
};

/** What a feature is measured against; null where the market does not say. */
function baseOf(feature: string, market: SymbolMarket): number | null {
  const { interest, shortVolume, options } = market;
  switch (feature) {
    case "volumeSpikeEarly":
    case "relvol5":
      return meanOfLast(5, market);
    case "volumeSpikeConfirmation":
      return meanOfLast(10, market);
    case "volumeSpikeRaw":
    case "volumeSpike":
    case "relvol30":
      return meanOfLast(30, market);
    case "daysToCover":
      return interest?.averageDailyVolume ?? meanOfLast(30, market);
    case "sharesShortChange":
      return interest?.previousSharesShort ?? null;
    case "shortVolumeFraction":
      return shortVolume;
    case "callPutRatio":
      return options?.putVolume ?? null;
    default:
      return null;
  }
}

function meanOfLast(sessions: number, { volumes }: SymbolMarket): number | null {
  if (volumes.length < sessions) return null;
  return volumes.slice(-sessions).reduce((sum, volume) => sum + volume, 0) / sessions;
}

/** What is wrong with the reasons of a features event; empty when every null has its true one. */
export function problemsOfReasons(features: Features, market: SymbolMarket): string[] {
  const values = Object.entries(features).filter(([name]) => !NO_VALUES.has(name));
  const nulls = values.flatMap(([name, value]) => (value === null ? [name] : []));
  const named = features.missing.map(({ feature }) => feature);
  return [
    ...nulls.filter((name) => !named.includes(name)).map((name) => `${name} has no reason`),
    ...named.filter((name) => !nulls.includes(name)).map((name) => `${name} is not null`),
    ...named.filter((name, at) => named.indexOf(name) !== at).map((name) => `${name} has two`),
    ...features.missing.flatMap((entry) => falseReason(entry, features, market)),
  ];
}

function falseReason(
  { feature, reason, have, need }: Features["missing"][number],
  features: Features,
  market: SymbolMarket,
): string[] {
  const holds = Object.entries(PRECONDITIONS).find(([name]) => name === reason)?.[1];
  if (holds === undefined) return [`${feature}: ${reason} is no reason`];
  if (!holds(feature, features, market)) return [`${feature}: ${reason} does not hold`];
  const counted = reason === "warming-up";
  return (have !== null) === counted && (need !== null) === counted
    ? []
    : [`${feature}: ${reason} counts ${have} of ${need}`];
}
