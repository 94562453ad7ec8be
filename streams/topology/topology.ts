import { createAlertPolicyStage } from "../alerts/alert-policy-stage.ts";
import { createDetectorStage } from "../detectors/detector-stage.ts";
import { DETECTORS } from "../detectors/registry.ts";
import { createDiscoveryStage } from "../discovery/discovery-stage.ts";
import type { ConfiguredUniverse } from "../discovery/health.ts";
import { createShadowStage } from "../discovery/shadow-stage.ts";
import { createFeaturesStage } from "../features/features-stage.ts";
import { createVerdictStage } from "../gates/verdict-stage.ts";
import type { Subtopology } from "../kernel/stage.ts";
import { DEFAULT_SCORING, type ScoringConfig } from "../scoring/config.ts";
import { createShortQualityStage } from "../short-interest/short-quality-stage.ts";

export interface TopologyConfig {
  readonly scoring: ScoringConfig;
  /** Symbols that a run should evaluate; null means the whole market. */
  readonly configuredUniverse: ConfiguredUniverse;
  /** Detectors rethrow their errors: for development and tests. */
  readonly failFast: boolean;
}

export const DEFAULT_TOPOLOGY: TopologyConfig = {
  scoring: DEFAULT_SCORING,
  configuredUniverse: null,
  failFast: false,
};

/** The map: every stage of the system with its input and output topics, in the way of one tick. */
export function createTopology(config: TopologyConfig): readonly Subtopology[] {
  const { scoring, configuredUniverse, failFast } = config;
  return [
    {
      name: "signals",
      timed: true,
      stages: [
        createFeaturesStage(scoring),
        createShortQualityStage(scoring.shortInterest),
        ...DETECTORS.map((detector) =>
          createDetectorStage(detector, { failFast, staleness: scoring.staleness }),
        ),
        createVerdictStage(scoring),
      ],
    },
    {
      name: "discovery",
      timed: false,
      stages: [
        createDiscoveryStage({ maxCandidates: scoring.maxCandidates, configuredUniverse }),
        createShadowStage(scoring),
      ],
    },
    { name: "alerts", timed: false, stages: [createAlertPolicyStage(scoring.shortInterest)] },
  ];
}
