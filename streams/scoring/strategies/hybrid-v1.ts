import type { Features } from "@amc/schemas/generated/events";
import { clamp01, type Part, part, weigh } from "../../detectors/components.ts";
import { inputQuality } from "../../detectors/feature-inputs.ts";
import type { Thresholds } from "../../gates/profiles.ts";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { compose } from "../composite.ts";
import type { WeightedDetector } from "../presets.ts";
import { strengthsOf } from "../strengths.ts";
import type { Opinion, Strategy, StrategyInput, StrategyScore } from "./strategy.ts";

/** Relative volume and ATR at which the fallback strategy is satisfied (domain-facts §4.9). */
const RELVOL_FULL = 8;
const ATR_FULL = 0.1;

/**
 * The older strategy and the fallback of the unified one: sub-scores straight from the features,
 * so that it works when a detector or the unified composite does not.
 */
export const hybridV1: Strategy = { name: "hybrid_v1", labels: null, evaluate };

function evaluate({ features, weights, thresholds, staleness }: StrategyInput): StrategyScore {
  const opinionOf = (parts: readonly Part[]) => opinionOn(features, parts, staleness);
  const opinions: Readonly<Record<WeightedDetector, Opinion>> = {
    volume_momentum: opinionOf(momentumParts(features, thresholds)),
    squeeze: opinionOf(squeezeParts(features)),
    catalyst_news: opinionOf(catalystParts(features)),
    options_flow: opinionOf(optionsParts(features)),
    technicals: opinionOf(technicalParts(features)),
  };
  const composite = compose(opinions, weights);
  return { ...composite, strengths: strengthsOf(composite.contributions, opinions) };
}

function opinionOn(
  features: Features,
  parts: readonly Part[],
  staleness: StalenessLimits,
): Opinion {
  const { score, presentWeight, components, used } = weigh(features, parts);
  const confidence =
    score === null ? 0 : presentWeight * inputQuality(features, used, staleness).confidence;
  return { score, confidence, components };
}

function momentumParts(features: Features, thresholds: Thresholds): Part[] {
  const { relvol30, uptrendDays, price, vwap, atrPct } = features;
  const { minRelvol30, minAtrPct, minVwapRatio } = thresholds;
  return [
    part(features, "relvol", 0.45, ["relvol30"], () => ramp(relvol30, minRelvol30, RELVOL_FULL)),
    part(features, "uptrend", 0.2, ["uptrendDays"], () => ramp(uptrendDays, 2, 6)),
    part(features, "vwap_reclaim", 0.2, ["price", "vwap"], () =>
      price === null || vwap === null ? null : yes(price >= minVwapRatio * vwap),
    ),
    part(features, "atr", 0.15, ["atrPct"], () => ramp(atrPct, minAtrPct, ATR_FULL)),
  ];
}

function squeezeParts(features: Features): Part[] {
  const { floatShares, shortFraction, borrowFee, utilisation } = features;
  return [
    part(features, "float", 0.35, ["floatShares"], () =>
      floatShares === null ? null : floatShares <= 50e6 ? 1 : floatShares <= 75e6 ? 0.6 : 0,
    ),
    part(features, "short_interest", 0.35, ["shortFraction"], () => ramp(shortFraction, 0, 0.4)),
    part(features, "borrow_fee", 0.15, ["borrowFee"], () => ramp(borrowFee, 0, 0.5)),
    part(features, "utilisation", 0.15, ["utilisation"], () => ramp(utilisation, 0.7, 1)),
  ];
}

/** Whether there is news is known only where sentiment is: else the part is missing. */
function catalystParts(features: Features): Part[] {
  const { newsSentiment, socialRank } = features;
  return [
    part(features, "news_sentiment", 0.5, ["newsSentiment"], () =>
      newsSentiment === null ? null : yes(newsSentiment > 0),
    ),
    part(features, "social_momentum", 0.5, ["socialRank"], () => socialRank),
  ];
}

/** Unlike the detectors this strategy rewards a high percentile of volatility (C-29). */
function optionsParts(features: Features): Part[] {
  const { callPutRatio, ivPercentile } = features;
  return [
    part(features, "call_put_flow", 0.6, ["callPutRatio"], () => ramp(callPutRatio, 1, 3)),
    part(features, "iv_high", 0.4, ["ivPercentile"], () => ramp(ivPercentile, 80, 100)),
  ];
}

function technicalParts(features: Features): Part[] {
  const { ema9, ema20, rsi14 } = features;
  return [
    part(features, "ema_momentum", 0.6, ["ema9", "ema20"], () =>
      ema9 === null || ema20 === null ? null : yes(ema9 > ema20),
    ),
    part(features, "rsi", 0.4, ["rsi14"], () =>
      rsi14 === null ? null : yes(rsi14 >= 60 && rsi14 <= 70),
    ),
  ];
}

/** 0 at `from`, 1 at `to`, linear between. */
function ramp(value: number | null, from: number, to: number): number | null {
  return value === null ? null : clamp01((value - from) / (to - from));
}

function yes(holds: boolean): number {
  return holds ? 1 : 0;
}
