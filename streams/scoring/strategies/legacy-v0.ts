import type { Contribution } from "@amc/schemas/generated/events";
import { VIGL_HIGH, VIGL_MEDIUM } from "../../detectors/vigl-pattern/detect.ts";
import { strengthsOf } from "../strengths.ts";
import type { Strategy, StrategyInput, StrategyScore } from "./strategy.ts";

/** Ranking by likeness to one known winner (domain-facts §4.9): 0.65 medium, 0.80 high. */
export const legacyV0: Strategy = {
  name: "legacy_v0",
  labels: { watchlist: VIGL_MEDIUM, tradeReady: VIGL_HIGH },
  evaluate,
};

function evaluate({ opinions }: StrategyInput): StrategyScore {
  const { score, confidence } = opinions.vigl_pattern;
  const contribution: Contribution = {
    detector: "vigl_pattern",
    score,
    weight: 1,
    contribution: score,
    confidence: score === null ? null : confidence,
  };
  const contributions = [contribution];
  return { score, confidence, contributions, strengths: strengthsOf(contributions, opinions) };
}
