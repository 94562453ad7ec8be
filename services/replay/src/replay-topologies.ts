import type { Detector } from "@amc/streams/detectors/detector";
import { createDetectorStage } from "@amc/streams/detectors/detector-stage";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { createTopology } from "@amc/streams/topology/topology";

/** The product's topology, with detectors that fail loudly. */
export function replayTopology(scoring: ScoringConfig = DEFAULT_SCORING): readonly Subtopology[] {
  return createTopology({ scoring, configuredUniverse: null, failFast: true });
}

/** The same with one detector exchanged: how a control plants a defect. */
export function withDetector(
  topology: readonly Subtopology[],
  detector: Detector,
): readonly Subtopology[] {
  return topology.map((subtopology) => ({
    ...subtopology,
    stages: subtopology.stages.map((stage) =>
      stage.name === detector.name ? createDetectorStage(detector, { failFast: true }) : stage,
    ),
  }));
}
