import { compose } from "../composite.ts";
import { strengthsOf } from "../strengths.ts";
import type { Strategy, StrategyInput, StrategyScore } from "./strategy.ts";

/** The weighted mean of the five weighted detectors (domain-facts §4.8). */
export const unifiedDetectors: Strategy = { name: "unified_detectors", labels: null, evaluate };

function evaluate({ opinions, weights }: StrategyInput): StrategyScore {
  const composite = compose(opinions, weights);
  return { ...composite, strengths: strengthsOf(composite.contributions, opinions) };
}
