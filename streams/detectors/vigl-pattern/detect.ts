import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { part, reaches, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { inputQuality } from "../feature-inputs.ts";

/** Entry of a stock that later rose 324 % (S2): shares, ratio, fraction of float, USD. */
const REFERENCE = { floatShares: 15.2e6, volumeSpike: 20.9, shortFraction: 0.18, price: 2.94 };

/** From these similarities on it is worth a mark; legacy_v0 labels by them (domain-facts §4.9). */
export const VIGL_MEDIUM = 0.65;
export const VIGL_HIGH = 0.8;

/** Likeness to one known winner: float 0.25, volume 0.35, short interest 0.25, price 0.15 (§4.7). */
export const viglPattern: Detector = { name: "vigl_pattern", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const { floatShares, volumeSpike, shortFraction, price } = features;
  const weighed = weigh(features, [
    part(features, "float", 0.25, ["floatShares"], () =>
      likeness(floatShares, REFERENCE.floatShares, 5),
    ),
    part(features, "volume", 0.35, ["volumeSpike"], () =>
      likeness(volumeSpike, REFERENCE.volumeSpike, 10),
    ),
    part(features, "short_interest", 0.25, ["shortFraction"], () =>
      shortFraction === null
        ? null
        : Math.max(
            0,
            1 - Math.abs(shortFraction - REFERENCE.shortFraction) / REFERENCE.shortFraction,
          ),
    ),
    part(features, "price", 0.15, ["price"], () => likeness(price, REFERENCE.price, 10)),
  ]);
  const quality = inputQuality(features, weighed.used, staleness);
  const { score } = weighed;
  return {
    score,
    confidence: score === null ? 0 : weighed.presentWeight * quality.confidence,
    label: score === null ? null : labelOf(score),
    signals: score !== null && reaches(score, VIGL_HIGH) ? ["vigl-similarity-high"] : [],
    components: weighed.components,
    missing: weighed.missing,
    dataSources: quality.sources,
  };
}

/** 1 at the reference, 0 when `factor` times larger or smaller; 0 for no volume at all. */
function likeness(value: number | null, reference: number, factor: number): number | null {
  if (value === null) return null;
  if (value <= 0) return 0;
  return Math.max(0, 1 - Math.abs(Math.log(value / reference)) / Math.log(factor));
}

function labelOf(score: number): string {
  if (reaches(score, VIGL_HIGH)) return "HIGH";
  return reaches(score, VIGL_MEDIUM) ? "MEDIUM" : "LOW";
}
