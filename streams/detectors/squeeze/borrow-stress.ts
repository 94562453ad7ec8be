import type { Features } from "@amc/schemas/generated/events";
import type { FeatureName } from "../feature-inputs.ts";

type BorrowStressLevel = "EXTREME" | "HIGH" | "MODERATE" | "LOW";

/** How hard a share is to borrow, estimated from public figures (domain-facts §4.3). */
export interface BorrowStress {
  /** 0 to 100. */
  readonly stress: number;
  readonly level: BorrowStressLevel;
  /** 0.1 to 0.8, before the weight of the proxy. */
  readonly confidence: number;
  readonly used: readonly FeatureName[];
}

interface Metric {
  readonly feature: FeatureName;
  readonly weight: number;
  /** 0 to 100; null when unknown. */
  readonly value: number | null;
}

/** Steps as [upper limit inclusive, value]; above the last limit the value is 100. */
type Steps = readonly (readonly [limit: number, value: number])[];

const SHORT_VOLUME_STEPS: Steps = [
  [0.2, 0],
  [0.35, 20],
  [0.45, 50],
  [0.65, 80],
];
const DAYS_TO_COVER_STEPS: Steps = [
  [2, 0],
  [5, 20],
  [7, 50],
  [15, 80],
];
const SHORT_INTEREST_STEPS: Steps = [
  [0.05, 0],
  [0.15, 30],
  [0.25, 60],
  [0.4, 80],
];

/**
 * null with fewer than two of the three metrics. The flags' 0.25 x (40 + 60) are two parts of
 * weight 0.10 and 0.15, so that a list nobody publishes drops out like any other missing part.
 */
export function borrowStress(features: Features): BorrowStress | null {
  const metrics: readonly Metric[] = [
    stepped("shortVolumeFraction", 0.3, features.shortVolumeFraction, SHORT_VOLUME_STEPS),
    stepped("daysToCover", 0.25, features.daysToCover, DAYS_TO_COVER_STEPS),
    stepped("shortFraction", 0.2, features.shortFraction, SHORT_INTEREST_STEPS),
  ];
  const known = metrics.filter(({ value }) => value !== null);
  if (known.length < 2) return null;
  const flags: readonly Metric[] = [
    raised("failsToDeliverFlag", 0.1, features.failsToDeliverFlag),
    raised("thresholdFlag", 0.15, features.thresholdFlag),
  ];
  const parts = [...known, ...flags.filter(({ value }) => value !== null)];
  const stress = meanByWeight(parts);
  const raisedFlags = flags.filter(({ value }) => value === 100).length;
  const confidence = known.reduce((sum, { weight }) => sum + weight, 0) + 0.125 * raisedFlags;
  return {
    stress,
    level: levelOf(stress),
    confidence: Math.max(0.1, Math.min(0.8, confidence)),
    used: parts.map(({ feature }) => feature),
  };
}

function meanByWeight(parts: readonly Metric[]): number {
  let weighted = 0;
  let weights = 0;
  for (const { value, weight } of parts) {
    weighted += weight * (value ?? 0);
    weights += weight;
  }
  return Math.min(100, weighted / weights);
}

function stepped(feature: FeatureName, weight: number, value: number | null, steps: Steps): Metric {
  if (value === null) return { feature, weight, value };
  const step = steps.find(([limit]) => value <= limit);
  return { feature, weight, value: step === undefined ? 100 : step[1] };
}

function raised(feature: FeatureName, weight: number, flag: boolean | null): Metric {
  return { feature, weight, value: flag === null ? null : flag ? 100 : 0 };
}

function levelOf(stress: number): BorrowStressLevel {
  if (stress >= 80) return "EXTREME";
  if (stress >= 60) return "HIGH";
  return stress >= 30 ? "MODERATE" : "LOW";
}
