import type { Work } from "@amc/platform/assignment/assigned-work";
import { unitName, unitsOf } from "@amc/platform/assignment/unit";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { isLogError } from "@amc/platform/log/errors";
import type { Position } from "@amc/platform/log/port";
import { errorCode } from "@amc/platform/postgres/errors";
import { awaitedInputs, partitioningInput } from "@amc/platform/runtime/inputs";
import { waitingMs } from "@amc/platform/runtime/waiting-input";
import { PartitionLoop, type ProcessorFailure } from "@amc/processor/partition-loop";
import { createTopology } from "@amc/streams/topology/topology";
import { configuredScoring } from "../scoring-options.ts";
import { AssignedService } from "./assigned-service.ts";
import { READY_MAX_WAIT_MS, type Service, type ServiceContext } from "./service.ts";

/** Runs subtopologies on the partitions that are assigned to this instance. */
export async function openProcessor(context: ServiceContext): Promise<Service> {
  const { variables, log, logger, metrics, telemetry } = context;
  const scoring = configuredScoring(variables);
  const topology = createTopology({ scoring, configuredUniverse: null, failFast: false });
  const loops = new Map<string, PartitionLoop>();
  const onFailure = ({ error, ...where }: ProcessorFailure): void => {
    metrics.failed(where.subtopology, errorCode(error) ?? "unknown", where.retryInMs !== null);
    logger.error({ err: error, ...where }, "a partition failed");
  };
  const work: Work = async (unit, signal) => {
    const subtopology = topology.find(({ name }) => name === unit.group);
    if (subtopology === undefined) throw new RangeError(`there is no subtopology ${unit.group}`);
    const { partition } = unit;
    const observer = telemetry.stages;
    const loop = new PartitionLoop({ log, subtopology, partition, observer, onFailure });
    loops.set(unitName(unit), loop);
    try {
      await loop.run(signal);
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    } finally {
      loops.delete(unitName(unit));
    }
  };
  const problemOf = async ([name, loop]: [string, PartitionLoop]): Promise<string | null> => {
    if (!loop.isOpen) return `${name}: its state is being restored`;
    const ms = await waitingMs(log, await positionsOf(loop), SYSTEM_CLOCK.nowMs());
    return ms <= READY_MAX_WAIT_MS ? null : `${name}: input has waited for ${Math.round(ms)} ms`;
  };
  const positionsOf = async ({ subtopology, partition }: PartitionLoop): Promise<Position[]> => {
    const committed = await log.positions(subtopology.name, partition);
    return awaitedInputs(subtopology).map(
      (topic) => committed.find((at) => at.topic === topic) ?? { topic, partition, next: 0 },
    );
  };
  return new AssignedService({
    context,
    work,
    units: topology.flatMap((subtopology) =>
      unitsOf(subtopology.name, log.partitions(partitioningInput(subtopology))),
    ),
    problems: async () => {
      const problems = await Promise.all([...loops].map(problemOf));
      return problems.flatMap((problem) => problem ?? []);
    },
  });
}
