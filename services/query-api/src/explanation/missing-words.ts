import type { Missing } from "@amc/schemas/generated/events";
import { humanised } from "./gate-words.ts";

const FEATURES: ReadonlyMap<string, string> = new Map([
  ["relvol30", "Relative volume (30 sessions)"],
  ["relvol5", "Relative volume (5 sessions)"],
  ["adv30", "Average volume (30 sessions)"],
  ["adv5", "Average volume (5 sessions)"],
  ["volumeSpike", "Volume spike"],
  ["vwap", "VWAP"],
  ["atr14", "ATR(14)"],
  ["atrPct", "ATR as a share of price"],
  ["rsi14", "RSI(14)"],
  ["ema9", "EMA(9)"],
  ["ema20", "EMA(20)"],
  ["macd", "MACD"],
  ["floatShares", "Float"],
  ["floatRatio", "Share of the company that floats"],
  ["sharesOutstanding", "Shares outstanding"],
  ["sharesShort", "Short interest"],
  ["shortFraction", "Short interest as a share of float"],
  ["daysToCover", "Days to cover"],
  ["shortInterestQuality", "Quality of the short interest"],
  ["shortVolumeFraction", "Daily short volume"],
  ["borrowFee", "Borrow fee"],
  ["utilisation", "Borrow utilisation"],
  ["newsSentiment", "News sentiment"],
  ["socialRank", "Social mentions"],
  ["callPutRatio", "Call to put ratio"],
  ["optionsVolumeRatio", "Options volume"],
  ["gammaWallStrike", "Gamma wall"],
  ["atmIv", "Implied volatility"],
  ["ivPercentile", "Implied volatility percentile"],
]);

const REASONS: ReadonlyMap<string, string> = new Map([
  ["no-price", "no price has been seen"],
  ["no-intraday-bars", "no intraday bars are recorded for it"],
  ["no-session-volume", "nothing has traded in this session yet"],
  ["daily-resolution", "the source has daily bars only"],
  ["outside-regular-session", "it exists in the regular session only"],
  ["scope", "its figures cover different venues and cannot be compared"],
  ["not-published", "the figure was not public yet"],
  ["no-source", "no source states it"],
  ["float-unknown", "the float is not known"],
  ["out-of-range", "the figure is outside what can be true"],
  ["stale", "the newest figure is too old"],
  ["zero-base", "what it is measured against is zero"],
  ["price-unchanged", "no close differs from the others"],
  ["unusable-quote", "no volatility follows from the quotes"],
  ["quality-below-threshold", "the quality of the report is too low to be scored"],
  ["thinly-traded", "too little of it is traded for short interest to say much"],
  ["sources-disagree", "no two sources agree on it"],
]);

export function featureTitle(feature: string): string {
  return FEATURES.get(feature) ?? humanised(feature);
}

/** Names what is missing and why, never a stand-in value. */
export function missingSentence({ feature, reason, have, need }: Missing): string {
  const title = featureTitle(feature);
  if (reason === "warming-up" && have !== null && need !== null) {
    return `${title} is not ready: it needs ${need} sessions and has ${have}.`;
  }
  return `${title} is unknown: ${REASONS.get(reason) ?? reason.replace(/[_-]+/g, " ")}.`;
}
