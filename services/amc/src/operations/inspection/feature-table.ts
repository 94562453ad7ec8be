import { featureTitle, missingSentence } from "@amc/query-api/explanation/missing-words";
import { type Unit, written } from "@amc/query-api/explanation/quantities";
import type { Features, Missing } from "@amc/schemas/generated/events";
import { formatEasternTime } from "../../output/format.ts";

/** Fields that say what the event is, not what is known about the symbol. */
type Frame =
  | "symbol"
  | "happenedAt"
  | "publishedAt"
  | "capturedAt"
  | "simulated"
  | "trigger"
  | "slot"
  | "session"
  | "tradingDay"
  | "crossings"
  | "flags"
  | "completedSessions"
  | "intraday"
  | "missing"
  | "inputs";

type Written = Unit | "time" | "text" | "flag";

/** How every value is written, in the order in which it is shown. A new feature has to be added. */
const VALUES: Readonly<Record<Exclude<keyof Features, Frame>, Written>> = {
  price: "dollars",
  priceAt: "time",
  prevClose: "dollars",
  dayOpen: "dollars",
  dayHigh: "dollars",
  dayLow: "dollars",
  vwap: "dollars",
  high20: "dollars",
  priceChange5d: "percent",
  sessionVolume: "shares",
  extendedVolume: "shares",
  dollarVolume: "dollars",
  adv30: "shares",
  adv5: "shares",
  relvol30: "times",
  relvol5: "times",
  volumeSpike: "times",
  volumeSpikeRaw: "times",
  volumeSpikeEarly: "times",
  volumeSpikeConfirmation: "times",
  atr14: "dollars",
  atrPct: "percent",
  rsi14: "points",
  rsi14Live: "points",
  ema9: "dollars",
  ema20: "dollars",
  ema9Live: "dollars",
  ema20Live: "dollars",
  macd: "points",
  macdSignal: "points",
  macdHistogram: "points",
  uptrendDays: "days",
  floatShares: "shares",
  floatPrecision: "text",
  sharesOutstanding: "shares",
  floatRatio: "percent",
  sharesShort: "shares",
  shortSettlementDate: "text",
  shortPublishedAt: "time",
  shortInterestQuality: "percent",
  shortFraction: "percent",
  daysToCover: "days",
  sharesShortChange: "percent",
  shortVolumeFraction: "percent",
  failsToDeliverFlag: "flag",
  thresholdFlag: "flag",
  borrowFee: "percent",
  utilisation: "percent",
  callPutRatio: "times",
  optionsVolumeRatio: "times",
  atmIv: "percent",
  ivPercentile: "points",
  gammaWallStrike: "dollars",
  optionsConfidence: "percent",
  newsSentiment: "points",
  newsSources: "points",
  newsConfidence: "percent",
  socialRank: "points",
  nextEventDays: "days",
};

/** Titles that the words of an explanation have no need of. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ["priceAt", "Time of the price"],
  ["prevClose", "Previous close"],
  ["high20", "High of 20 sessions"],
  ["priceChange5d", "Change over 5 sessions"],
  ["volumeSpikeRaw", "Volume spike, whole day"],
  ["volumeSpikeEarly", "Volume spike, early"],
  ["volumeSpikeConfirmation", "Volume spike, confirmation"],
  ["rsi14Live", "RSI(14) with the last price"],
  ["ema9Live", "EMA(9) with the last price"],
  ["ema20Live", "EMA(20) with the last price"],
  ["macdSignal", "MACD signal"],
  ["macdHistogram", "MACD histogram"],
  ["nextEventDays", "Days to the next event"],
  ["failsToDeliverFlag", "Fails to deliver"],
  ["thresholdFlag", "On the threshold list"],
]);

/** Title, value and, for what is null, the reason. */
export function featureRows(features: Features): string[][] {
  const reasons = new Map(features.missing.map((missing) => [missing.feature, missing]));
  const values: Readonly<Record<string, unknown>> = { ...features };
  return Object.entries(VALUES).map(([field, unit]) => {
    const title = TITLES.get(field) ?? featureTitle(field);
    const value = values[field];
    if (value !== null) return [title, valueText(value, unit)];
    const missing = reasons.get(field);
    return [title, "-", missing === undefined ? "" : reasonText(missing)];
  });
}

/** The sentence without its subject, which stands in the column beside it. */
function reasonText(missing: Missing): string {
  return missingSentence(missing).slice(featureTitle(missing.feature).length + 1);
}

function valueText(value: unknown, unit: Written): string {
  if (typeof value !== "number" || unit === "text" || unit === "flag") return String(value);
  return unit === "time" ? formatEasternTime(value) : written(value, unit);
}
