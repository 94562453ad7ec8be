import type { Features, GateResult } from "@amc/schemas/generated/events";
import { UNEXPLAINED_JUMP } from "../detectors/components.ts";
import type { FloatPathFound } from "./float-path.ts";
import { atLeast, judged, missing, withinBand } from "./gate-results.ts";
import type { Profile, Thresholds } from "./profiles.ts";

/** Every hard gate in the order in which the first failure counts. Events name them so. */
export const GATE_NAMES = [
  "min_relvol_30",
  "min_volume_spike",
  "min_atr_pct",
  "vwap_reclaim",
  "rsi_band",
  "ema_cross",
  "float_path",
  "price_range",
  "min_dollar_volume",
  "momentum_confirmation",
  "tradable",
] as const;

/** The gates that read prices and volumes only: what a calm tape must not pass. */
export const PRICE_VOLUME_GATES: ReadonlySet<string> = new Set(GATE_NAMES.slice(0, 6));

/**
 * Weight of the volume_momentum component that VWAP belongs to: taken off confidence where the
 * resolution of the source leaves no VWAP to ask (domain-facts §0).
 */
export const VWAP_COMPONENT_WEIGHT = 0.3;

export const DAILY_RESOLUTION = "daily-resolution";

/** All gates of one features event, in `GATE_NAMES` order. Ratios are compared as products. */
export function judgeHardGates(
  features: Features,
  thresholds: Thresholds,
  profile: Profile,
  floatPath: FloatPathFound,
): GateResult[] {
  const { minRsi, maxRsi, minPrice, maxPrice } = thresholds;
  return [
    atLeast("min_relvol_30", "relvol_30", features.relvol30, thresholds.minRelvol30),
    atLeast("min_volume_spike", "volume_spike", features.volumeSpike, thresholds.minVolumeSpike),
    atLeast("min_atr_pct", "atr", features.atrPct, thresholds.minAtrPct),
    vwapReclaim(features, thresholds),
    withinBand(
      "rsi_band",
      "rsi",
      features.rsi14,
      { min: minRsi, max: maxRsi },
      thresholds.requireRsi,
    ),
    emaCross(features, thresholds),
    floatPathGate(features, profile, floatPath),
    withinBand("price_range", "price", features.price, { min: minPrice, max: maxPrice }),
    atLeast(
      "min_dollar_volume",
      "dollar_volume",
      features.dollarVolume,
      thresholds.minDollarVolume,
    ),
    momentumConfirmation(features, thresholds),
    tradable(features),
  ];
}

/** True when the six price-and-volume gates had all their inputs, required or not. */
export function isEvaluable(features: Features): boolean {
  const { relvol30, volumeSpike, atrPct, price, vwap, rsi14, ema9, ema20 } = features;
  return [relvol30, volumeSpike, atrPct, price, vwap, rsi14, ema9, ema20].every(
    (value) => value !== null,
  );
}

function vwapReclaim(features: Features, thresholds: Thresholds): GateResult {
  const { price, vwap } = features;
  if (price === null || vwap === null) {
    if (thresholds.requireVwap && isVwapImpossible(features)) {
      const figures = { value: price, threshold: null, margin: null };
      return {
        gate: "vwap_reclaim",
        outcome: "NOT_APPLICABLE",
        hard: true,
        ...figures,
        reason: DAILY_RESOLUTION,
      };
    }
    return missing("vwap_reclaim", price === null ? "price" : "vwap", null, thresholds.requireVwap);
  }
  return atLeast(
    "vwap_reclaim",
    "vwap",
    price,
    thresholds.minVwapRatio * vwap,
    thresholds.requireVwap,
  );
}

/** On daily bars there is no VWAP of a session, whatever one waits for. */
function isVwapImpossible({ trigger, vwap, intraday }: Features): boolean {
  return trigger === "DAILY" && vwap === null && !intraday;
}

function emaCross({ ema9, ema20 }: Features, { requireEmaCross }: Thresholds): GateResult {
  if (ema9 === null || ema20 === null) return missing("ema_cross", "ema", ema20, requireEmaCross);
  const figures = { value: ema9, threshold: ema20, margin: (ema9 - ema20) / ema20 };
  return judged("ema_cross", figures, ema9 > ema20 ? null : "below", requireEmaCross);
}

function floatPathGate(
  { floatShares }: Features,
  { floatPaths }: Profile,
  { path }: FloatPathFound,
): GateResult {
  const threshold = floatPaths.smallMaxShares;
  if (floatShares === null) return missing("float_path", "float", threshold);
  // Distance to the small path; the other two have no single limit to be near to.
  const distance = (threshold - floatShares) / threshold;
  const margin = path === "mid" || path === "large" ? null : distance;
  return judged(
    "float_path",
    { value: floatShares, threshold, margin },
    path === null ? "path:none" : null,
  );
}

function momentumConfirmation(features: Features, thresholds: Thresholds): GateResult {
  const { ema9, ema20, priceChange5d } = features;
  const hard = thresholds.requireMomentumConfirmation;
  if (ema9 === null || ema20 === null || priceChange5d === null) {
    return missing("momentum_confirmation", "momentum", 0, hard);
  }
  const figures = { value: priceChange5d, threshold: 0, margin: null };
  const holds = ema9 > ema20 && priceChange5d >= 0;
  return judged("momentum_confirmation", figures, holds ? null : "below", hard);
}

/** Nobody can act on a halted symbol, and after an unexplained jump no figure can be trusted. */
function tradable({ flags }: Features): GateResult {
  const mark = ["halted", UNEXPLAINED_JUMP].find((each) => flags.includes(each)) ?? null;
  return judged("tradable", { value: null, threshold: null, margin: null }, mark);
}
