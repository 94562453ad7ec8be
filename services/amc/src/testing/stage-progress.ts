import type { Log } from "@amc/platform/log/port";
import { awaitedInputs } from "@amc/platform/runtime/inputs";
import type { Subtopology } from "@amc/streams/kernel/stage";

/** Input records of stages. */
export interface Progress {
  readonly taken: number;
  readonly untaken: number;
}

/** By the committed positions of every partition of every subtopology, whoever works on it. */
export async function progressOf(
  log: Log,
  topology: readonly Subtopology[],
  partitions: number,
): Promise<Progress> {
  let taken = 0;
  let untaken = 0;
  for (const subtopology of topology) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const positions = await log.positions(subtopology.name, partition);
      for (const topic of awaitedInputs(subtopology)) {
        const next = positions.find((position) => position.topic === topic)?.next ?? 0;
        taken += next;
        untaken += (await log.endOffset(topic, partition)) - next;
      }
    }
  }
  return { taken, untaken };
}
