import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { type Part, part, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { type FeatureName, type InputQuality, inputQuality } from "../feature-inputs.ts";
import { type BorrowStress, borrowStress } from "./borrow-stress.ts";
import { squeezeSignals, squeezeStrength, squeezeType } from "./squeeze-type.ts";

/** Float 0.30, short metrics 0.40, options gamma 0.20, volume pressure 0.10 (domain-facts §4.2). */
export const squeeze: Detector = { name: "squeeze", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const stress = borrowStress(features);
  const { floatShares, floatRatio, volumeSpike, relvol30 } = features;
  const weighed = weigh(features, [
    part(features, "float", 0.3, ["floatShares"], () => floatScore(floatShares, floatRatio)),
    shortMetrics(features, stress),
    optionsGamma(features),
    part(features, "volume_pressure", 0.1, ["volumeSpike", "relvol30"], () =>
      volumePressure(volumeSpike, relvol30),
    ),
  ]);
  const { score } = weighed;
  const quality = inputQuality(features, weighed.used, staleness, { dataOf: "options" });
  if (score === null)
    return { ...notReady, components: weighed.components, missing: weighed.missing };
  const signals = squeezeSignals(features, stress);
  return {
    score,
    confidence: dataConfidence(features, weighed.used, quality) * quality.confidence,
    label: `${squeezeType(features, signals)}:${squeezeStrength(score, signals)}`,
    signals: signals.map(({ name }) => name),
    components: weighed.components,
    missing: weighed.missing,
    dataSources: quality.sources,
  };
}

const notReady = { score: null, confidence: 0, label: null, signals: [], dataSources: [] } as const;

/** Of a bound the score is a lower limit: a smaller float scores at least as high. */
function floatScore(shares: number | null, ratio: number | null): number | null {
  if (shares === null) return null;
  const base =
    shares <= 10e6 ? 1 : shares <= 25e6 ? 0.8 : shares <= 75e6 ? 0.6 : shares < 150e6 ? 0.4 : 0.3;
  return ratio !== null && ratio <= 0.5 ? Math.min(1, base + 0.1) : base;
}

function shortMetrics(features: Features, stress: BorrowStress | null): Part {
  const { shortFraction, shortVolumeFraction, daysToCover } = features;
  const metrics = meanPart(features, "short_metrics", 0.4, [
    [
      "shortFraction",
      steps(
        shortFraction,
        [
          [0.25, 1],
          [0.15, 0.7],
          [0.08, 0.4],
        ],
        0.1,
      ),
    ],
    [
      "shortVolumeFraction",
      steps(
        shortVolumeFraction,
        [
          [0.6, 0.8],
          [0.4, 0.6],
        ],
        0.2,
      ),
    ],
    [
      "daysToCover",
      steps(
        daysToCover,
        [
          [10, 1],
          [5, 0.7],
        ],
        0.3,
      ),
    ],
    [
      null,
      steps(
        stress?.stress ?? null,
        [
          [80, 0.8],
          [60, 0.6],
        ],
        0.2,
      ),
    ],
  ]);
  return { ...metrics, used: [...metrics.used, ...(stress?.used ?? [])] };
}

function optionsGamma(features: Features): Part {
  const { ivPercentile, atmIv, callPutRatio } = features;
  const lowIv =
    ivPercentile === null ? null : ivPercentile <= 20 ? 0.8 : ivPercentile <= 40 ? 0.5 : 0.2;
  return meanPart(features, "options_gamma", 0.2, [
    ["ivPercentile", lowIv],
    // Below 0.60 the at-the-money volatility says nothing, for or against.
    ["atmIv", atmIv !== null && atmIv >= 0.6 ? 0.6 : null],
    [
      "callPutRatio",
      steps(
        callPutRatio,
        [
          [3, 0.7],
          [1.5, 0.4],
        ],
        0.2,
      ),
    ],
  ]);
}

/** Mean of the values that are there; a part without any is missing. */
function meanPart(
  features: Features,
  name: string,
  weight: number,
  values: readonly (readonly [feature: FeatureName | null, value: number | null])[],
): Part {
  let sum = 0;
  let count = 0;
  const used: FeatureName[] = [];
  const absent: FeatureName[] = [];
  for (const [feature, value] of values) {
    if (feature !== null && features[feature] === null) absent.push(feature);
    if (value === null) continue;
    sum += value;
    count += 1;
    if (feature !== null) used.push(feature);
  }
  return { name, weight, value: count === 0 ? null : sum / count, used, absent };
}

/** First step whose limit is reached, best first; `lowest` below all of them. */
function steps(
  value: number | null,
  ladder: readonly (readonly [from: number, score: number])[],
  lowest: number,
): number | null {
  if (value === null) return null;
  return ladder.find(([from]) => value >= from)?.[1] ?? lowest;
}

function volumePressure(spike: number | null, relvol30: number | null): number | null {
  if (spike === null || relvol30 === null) return null;
  return Math.min(
    1,
    (steps(
      spike,
      [
        [5, 0.6],
        [2, 0.4],
        [1.5, 0.2],
      ],
      0,
    ) ?? 0) + (relvol30 >= 2 ? 0.4 : 0),
  );
}

function dataConfidence(
  features: Features,
  used: readonly FeatureName[],
  quality: InputQuality,
): number {
  const has = (name: FeatureName) => used.includes(name);
  const fromFinra = features.inputs.some(
    ({ role, source }) => role === "shortInterest" && source.toLowerCase().includes("finra"),
  );
  const hasShortInterest = has("shortFraction") || has("daysToCover");
  const hasOptions = quality.roles.includes("options");
  const known =
    (has("floatShares") ? 0.25 : 0) +
    (hasShortInterest ? (fromFinra ? 0.3 : 0.2) : 0) +
    (has("volumeSpike") ? 0.2 : 0) +
    (hasOptions ? 0.25 * (features.optionsConfidence ?? 0) : 0) +
    Math.min(0.1, 0.03 * quality.sources.length);
  return Math.min(1, known);
}
