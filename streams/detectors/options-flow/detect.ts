import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { clamp01, part, reaches, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { inputQuality } from "../feature-inputs.ts";

/** A dated event this near can move volatility (domain-facts §4.5). */
const CATALYST_WITHIN_DAYS = 14;

/** Gamma 0.40, call/put flow 0.30, IV expansion 0.20, unusual activity 0.10 (domain-facts §4.5). */
export const optionsFlow: Detector = { name: "options_flow", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const { price, gammaWallStrike, callPutRatio, ivPercentile, nextEventDays, optionsVolumeRatio } =
    features;
  const hasCatalyst = nextEventDays !== null && nextEventDays <= CATALYST_WITHIN_DAYS;
  const weighed = weigh(features, [
    part(features, "gamma_potential", 0.4, ["price", "gammaWallStrike"], () =>
      gammaPotential(price, gammaWallStrike),
    ),
    part(features, "call_put_flow", 0.3, ["callPutRatio"], () =>
      callPutRatio === null ? null : clamp01((callPutRatio - 1) / 2),
    ),
    part(features, "iv_expansion", 0.2, ["ivPercentile"], () =>
      ivPercentile === null ? null : clamp01((50 - ivPercentile) / 50) * (hasCatalyst ? 1 : 0.5),
    ),
    part(features, "unusual_activity", 0.1, ["optionsVolumeRatio"], () =>
      optionsVolumeRatio === null ? null : clamp01((optionsVolumeRatio - 1) / 2),
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

/** 1 with the price at the wall, 0 from a tenth of the price away. */
function gammaPotential(price: number | null, wall: number | null): number | null {
  if (price === null || wall === null) return null;
  return clamp01(1 - Math.abs(wall - price) / (0.1 * price));
}

function strengthOf(score: number): string {
  if (reaches(score, 0.7)) return "STRONG_FLOW";
  return reaches(score, 0.4) ? "FLOW" : "QUIET";
}

function signalsOf({ callPutRatio, ivPercentile, optionsVolumeRatio }: Features): string[] {
  const signals: string[] = [];
  if (callPutRatio !== null && callPutRatio > 2) signals.push("call-put-bullish");
  if (ivPercentile !== null && ivPercentile < 30) signals.push("iv-expansion-potential");
  if (optionsVolumeRatio !== null && optionsVolumeRatio > 3) signals.push("options-volume-unusual");
  return signals;
}
