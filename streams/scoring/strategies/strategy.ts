import type { Contribution, Detection, Features } from "@amc/schemas/generated/events";
import type { DetectorName } from "../../detectors/detector.ts";
import type { LabelLimits, Thresholds } from "../../gates/profiles.ts";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import type { Weights } from "../presets.ts";

export const STRATEGY_NAMES = ["unified_detectors", "hybrid_v1", "legacy_v0"] as const;

export type StrategyName = (typeof STRATEGY_NAMES)[number];

export function isStrategyName(name: string): name is StrategyName {
  return STRATEGY_NAMES.some((known) => known === name);
}

/** What scoring needs of one detection. */
export type Opinion = Pick<Detection, "score" | "confidence" | "components">;

type Opinions = Readonly<Record<DetectorName, Opinion>>;

export interface StrategyInput {
  readonly features: Features;
  readonly opinions: Opinions;
  readonly weights: Weights;
  readonly thresholds: Thresholds;
  /** Ages from which inputs count less. */
  readonly staleness: StalenessLimits;
}

export interface StrategyScore {
  /** 0 to 1; null when nothing was ready. */
  readonly score: number | null;
  /** 0 to 1, before session, soft gates and gates that did not apply. */
  readonly confidence: number;
  readonly contributions: readonly Contribution[];
  /** Share of the score per `detector.component`: what the reasons are ordered by. */
  readonly strengths: ReadonlyMap<string, number>;
}

export interface Strategy {
  readonly name: StrategyName;
  /** Labels of its own; null takes the profile's. */
  readonly labels: LabelLimits | null;
  readonly evaluate: (input: StrategyInput) => StrategyScore;
}
