import type { TopicName } from "@amc/schemas/topics";
import type { Subtopology } from "@amc/streams/kernel/stage";

export const CLOCK = "ops.clock.v1" satisfies TopicName;

/** Topics a subtopology reads from the log: not those that only travel between its own stages. */
export function externalInputs({ stages }: Subtopology): readonly TopicName[] {
  const produced = new Set(stages.flatMap((stage) => [...stage.outputs]));
  const inputs = new Set(stages.flatMap((stage) => [...stage.inputs]));
  return [...inputs].filter((topic) => topic !== CLOCK && !produced.has(topic));
}

/** Where new work arrives: the clock of a timed subtopology, every input of an untimed one. */
export function awaitedInputs(subtopology: Subtopology): readonly TopicName[] {
  return subtopology.timed ? [CLOCK] : externalInputs(subtopology);
}

/** The topic whose partitions a subtopology's tasks divide among them; inputs are co-partitioned. */
export function partitioningInput(subtopology: Subtopology): TopicName {
  if (subtopology.timed) return CLOCK;
  const first = externalInputs(subtopology)[0];
  if (first === undefined) throw new TypeError(`subtopology ${subtopology.name} reads nothing`);
  return first;
}
