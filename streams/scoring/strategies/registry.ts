import { hybridV1 } from "./hybrid-v1.ts";
import { legacyV0 } from "./legacy-v0.ts";
import type { Strategy, StrategyName } from "./strategy.ts";
import { unifiedDetectors } from "./unified-detectors.ts";

export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  unified_detectors: unifiedDetectors,
  hybrid_v1: hybridV1,
  legacy_v0: legacyV0,
};
