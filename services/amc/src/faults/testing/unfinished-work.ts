import type { Log } from "@amc/platform/log/port";
import { recordSource } from "@amc/platform/log/record-source";
import { awaitedInputs, partitioningInput } from "@amc/platform/runtime/inputs";
import { recordsOf } from "@amc/replay/log-digests";
import type { Subtopology } from "@amc/streams/kernel/stage";

/**
 * Outputs that stand in the log although their input is not committed: whoever takes over has to do
 * their work again. Only meaningful while nobody processes.
 */
export async function unfinishedOutputs(
  log: Log,
  topology: readonly Subtopology[],
): Promise<number> {
  let unfinished = 0;
  for (const subtopology of topology) {
    const next = await committedInputs(log, subtopology);
    const outputs = new Set(subtopology.stages.flatMap((stage) => [...stage.outputs]));
    for (const topic of outputs) {
      for await (const { headers } of recordsOf(log, topic)) {
        const source = recordSource(headers);
        if (source === null) continue;
        const committed = next.get(`${source.topic}/${source.partition}`);
        if (committed !== undefined && source.offset >= committed) unfinished += 1;
      }
    }
  }
  return unfinished;
}

/** The next offset by topic and partition of what drives the subtopology. */
async function committedInputs(
  log: Log,
  subtopology: Subtopology,
): Promise<ReadonlyMap<string, number>> {
  const next = new Map<string, number>();
  for (let unit = 0; unit < log.partitions(partitioningInput(subtopology)); unit += 1) {
    const positions = await log.positions(subtopology.name, unit);
    for (const topic of awaitedInputs(subtopology)) {
      const position = positions.find((one) => one.topic === topic && one.partition === unit);
      next.set(`${topic}/${unit}`, position?.next ?? 0);
    }
  }
  return next;
}

/** Records of these topics that stand in the log under an id that was there before. */
export async function copiesIn(log: Log, topics: readonly string[]): Promise<number> {
  let copies = 0;
  for (const topic of topics) {
    const ids = new Set<string>();
    for await (const { headers } of recordsOf(log, topic)) {
      const id = headers.ce_id;
      if (id === undefined) continue;
      if (ids.has(id)) copies += 1;
      ids.add(id);
    }
  }
  return copies;
}
