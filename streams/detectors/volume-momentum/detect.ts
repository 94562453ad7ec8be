import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { part, reaches, type WeighedParts, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { inputQuality } from "../feature-inputs.ts";
import { vwapReclaimScore } from "../sub-scores.ts";

const MINUTE_MS = 60_000;

/** Relative volume 0.40, VWAP reclaim 0.30, uptrend 0.20, ATR expansion 0.10 (domain-facts §4.1). */
export const volumeMomentum: Detector = { name: "volume_momentum", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const { relvol30, relvol5, price, vwap, uptrendDays, priceChange5d, atrPct } = features;
  const weighed = weigh(features, [
    part(features, "relvol", 0.4, ["relvol30"], () => relvolScore(relvol30, relvol5)),
    part(features, "vwap_reclaim", 0.3, ["price", "vwap"], () =>
      price === null || vwap === null ? null : vwapReclaimScore(price, vwap),
    ),
    part(features, "uptrend", 0.2, ["uptrendDays", "priceChange5d"], () =>
      uptrendScore(uptrendDays, priceChange5d),
    ),
    part(features, "atr", 0.1, ["atrPct"], () => atrScore(atrPct)),
  ]);
  const quality = inputQuality(features, weighed.used, staleness, { freshnessOf: "sessionTicks" });
  const { score } = weighed;
  return {
    score,
    confidence: score === null ? 0 : dataConfidence(features, weighed) * quality.confidence,
    label: score === null ? null : strengthOf(score),
    signals: score === null ? [] : signalsOf(features),
    components: weighed.components,
    missing: weighed.missing,
    dataSources: quality.sources,
  };
}

function relvolScore(relvol30: number | null, relvol5: number | null): number | null {
  if (relvol30 === null) return null;
  const base =
    relvol30 >= 5 ? 1 : relvol30 >= 3 ? 0.8 : relvol30 >= 2 ? 0.6 : relvol30 >= 1.5 ? 0.4 : 0.2;
  return isAccelerating(relvol30, relvol5) ? Math.min(1, base + 0.1) : base;
}

/** The slack is that of domain-facts §1: 3.0 x 1.2 is below 3.6 in binary. */
function isAccelerating(relvol30: number, relvol5: number | null): boolean {
  return relvol5 !== null && relvol5 > relvol30 * 1.2 + 1e-9;
}

function uptrendScore(days: number | null, change5d: number | null): number | null {
  if (days === null || change5d === null) return null;
  const byDays = days >= 3 ? 0.6 : days === 2 ? 0.4 : days === 1 ? 0.2 : 0;
  const byChange = change5d >= 0.1 ? 0.4 : change5d >= 0.05 ? 0.2 : change5d >= 0 ? 0.1 : 0;
  return Math.min(1, byDays + byChange);
}

function atrScore(atrPct: number | null): number | null {
  if (atrPct === null) return null;
  return atrPct >= 0.08 ? 1 : atrPct >= 0.05 ? 0.7 : atrPct >= 0.03 ? 0.4 : 0.1;
}

/** Share of the inputs known, times the detector's own freshness of the last price. */
function dataConfidence(features: Features, { components }: WeighedParts): number {
  const share: Readonly<Record<string, number>> = {
    relvol: 0.3,
    vwap_reclaim: 0.3,
    uptrend: 0.2,
    atr: 0.2,
  };
  let known = 0;
  for (const { name, value } of components) if (value !== null) known += share[name] ?? 0;
  return Math.min(1, known) * priceFreshness(features);
}

/** 1 up to ten minutes, then max(0.5, 1 - age/60); the step between is as designed (TV-VM-05). */
function priceFreshness({ happenedAt, priceAt }: Features): number {
  if (priceAt === null) return 0.5;
  const ageMinutes = (happenedAt - priceAt) / MINUTE_MS;
  return ageMinutes <= 10 ? 1 : Math.max(0.5, 1 - ageMinutes / 60);
}

function strengthOf(score: number): string {
  if (reaches(score, 0.8)) return "EXPLOSIVE";
  if (reaches(score, 0.6)) return "STRONG";
  if (reaches(score, 0.4)) return "MODERATE";
  return reaches(score, 0.2) ? "WEAK" : "MINIMAL";
}

function signalsOf(features: Features): string[] {
  const { relvol30, relvol5, price, vwap, uptrendDays, atrPct } = features;
  const signals: string[] = [];
  if (relvol30 !== null && relvol30 >= 5) signals.push("relvol-extreme");
  else if (relvol30 !== null && relvol30 >= 3) signals.push("relvol-high");
  if (relvol30 !== null && isAccelerating(relvol30, relvol5)) signals.push("relvol-accelerating");
  if (price !== null && vwap !== null && price >= 0.995 * vwap) signals.push("vwap-reclaimed");
  if (uptrendDays !== null && uptrendDays >= 3) signals.push("uptrend-3-days");
  if (atrPct !== null && atrPct >= 0.05) signals.push("atr-expansion");
  return signals;
}
