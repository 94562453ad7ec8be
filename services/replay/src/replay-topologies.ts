import type { GateResult } from "@amc/schemas/generated/events";
import type { Detector } from "@amc/streams/detectors/detector";
import { createDetectorStage } from "@amc/streams/detectors/detector-stage";
import { createVerdictStage } from "@amc/streams/gates/verdict-stage";
import type { AnyEmission, Stage, Subtopology } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { STRATEGIES } from "@amc/streams/scoring/strategies/registry";
import type { Strategy } from "@amc/streams/scoring/strategies/strategy";
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
  return withStage(topology, detector.name, () =>
    createDetectorStage(detector, { failFast: true, staleness: DEFAULT_SCORING.staleness }),
  );
}

/** The same with one strategy exchanged. */
export function withStrategy(
  topology: readonly Subtopology[],
  scoring: ScoringConfig,
  strategy: Strategy,
): readonly Subtopology[] {
  const strategies = { ...STRATEGIES, [strategy.name]: strategy };
  return withStage(topology, "verdict", () => createVerdictStage(scoring, strategies));
}

/** The same with every result of a gate as `judge` sees it. */
export function withGate(
  topology: readonly Subtopology[],
  judge: (result: GateResult) => GateResult,
): readonly Subtopology[] {
  const judged = (emission: AnyEmission): AnyEmission => {
    if (emission.topic !== "signals.verdict.v1") return emission;
    const { value } = emission;
    return { ...emission, value: { ...value, gates: value.gates.map(judge) } };
  };
  return withStage(topology, "verdict", (stage) => ({
    ...stage,
    init: (context) =>
      stage.init({ ...context, emit: (emission) => context.emit(judged(emission)) }),
  }));
}

function withStage(
  topology: readonly Subtopology[],
  name: string,
  exchange: (stage: Stage) => Stage,
): readonly Subtopology[] {
  return topology.map((subtopology) => ({
    ...subtopology,
    stages: subtopology.stages.map((stage) => (stage.name === name ? exchange(stage) : stage)),
  }));
}
