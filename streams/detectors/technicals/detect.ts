import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { clamp01, part, reaches, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { inputQuality } from "../feature-inputs.ts";
import { rsiScore, vwapReclaimScore } from "../sub-scores.ts";

/** EMA momentum 0.40, RSI 0.30, VWAP reclaim 0.20, breakout 0.10 (domain-facts §4.6). */
export const technicals: Detector = { name: "technicals", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const { ema9, ema20, rsi14, price, vwap, high20 } = features;
  const weighed = weigh(features, [
    part(features, "ema_momentum", 0.4, ["ema9", "ema20"], () =>
      ema9 === null || ema20 === null ? null : emaScore(ema9, ema20),
    ),
    part(features, "rsi", 0.3, ["rsi14"], () => (rsi14 === null ? null : rsiScore(rsi14))),
    part(features, "vwap_reclaim", 0.2, ["price", "vwap"], () =>
      price === null || vwap === null ? null : vwapReclaimScore(price, vwap),
    ),
    part(features, "breakout", 0.1, ["price", "high20"], () =>
      price === null || high20 === null ? null : breakoutScore(price, high20),
    ),
  ]);
  const quality = inputQuality(features, weighed.used, staleness);
  const { score } = weighed;
  return {
    score,
    confidence: score === null ? 0 : weighed.presentWeight * quality.confidence,
    label: score === null ? null : strengthOf(score),
    signals: score === null ? [] : signalsOf(features),
    components: weighed.components,
    missing: weighed.missing,
    dataSources: quality.sources,
  };
}

function emaScore(ema9: number, ema20: number): number {
  if (ema9 <= ema20) return 0;
  return 0.6 + 0.4 * clamp01((ema9 - ema20) / ema20 / 0.02);
}

function breakoutScore(price: number, high20: number): number {
  if (price >= 1.01 * high20) return 1;
  return price >= high20 ? 0.5 : 0;
}

function strengthOf(score: number): string {
  if (reaches(score, 0.7)) return "BULLISH";
  return reaches(score, 0.4) ? "NEUTRAL" : "BEARISH";
}

function signalsOf({ ema9, ema20, rsi14, price, vwap, high20 }: Features): string[] {
  const signals: string[] = [];
  if (ema9 !== null && ema20 !== null && ema9 > ema20) signals.push("ema9-above-ema20");
  if (rsi14 !== null && rsi14 >= 60 && rsi14 <= 70) signals.push("rsi-in-band");
  if (price !== null && vwap !== null && price >= 0.995 * vwap) signals.push("vwap-reclaimed");
  if (price !== null && high20 !== null && price >= high20) signals.push("breakout-20-sessions");
  return signals;
}
