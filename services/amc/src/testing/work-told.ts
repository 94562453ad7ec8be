import type { Log } from "@amc/platform/log/port";
import { recordsOf } from "@amc/replay/log-digests";
import { schemaIdOf } from "@amc/schemas/envelope";
import { numberIn, type ServiceProcess, textIn } from "./service-process.ts";

/** What services say of their work, and where the work of which build lies. */

/** Partitions of a group that a service has taken up, in that order and as often as it did. */
export function partitionsTaken(service: ServiceProcess, group: string): readonly number[] {
  return logged(service, "a unit is taken up")
    .map((line) => textIn(line, "unit").split("/"))
    .flatMap(([name, partition]) => (name === group ? [Number(partition)] : []));
}

/** Records of state that a service has read back, by partition of a group. */
export function stateRestored(service: ServiceProcess, group: string): ReadonlyMap<number, number> {
  const restored = logged(service, "state was restored").filter((line) => line.group === group);
  return new Map(restored.map((line) => [numberIn(line, "partition"), numberIn(line, "records")]));
}

function logged({ log }: ServiceProcess, message: string): readonly Record<string, unknown>[] {
  // The last one may still be coming.
  const lines = log.split("\n").slice(0, -1);
  return lines
    .filter((line) => line.includes(`"${message}"`))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** Input records that the service behind a metrics page has taken since it started, of all partitions. */
export function recordsTaken(metrics: string, subtopology: string): number {
  const series = metrics.matchAll(
    /^amc_stage_records_total[{]subtopology="([^"]+)",partition="\d+"[}] (\d+)$/gm,
  );
  return [...series].reduce(
    (sum, [, name, count]) => sum + (name === subtopology ? Number(count) : 0),
    0,
  );
}

/** Input records behind the committed positions of a group, by partition. */
export async function positionSums(
  log: Log,
  group: string,
  partitions: readonly number[],
): Promise<readonly number[]> {
  return await Promise.all(
    partitions.map(async (partition) => {
      const positions = await log.positions(group, partition);
      return positions.reduce((sum, { next }) => sum + next, 0);
    }),
  );
}

/** Records of a topic under one schema id, by partition. */
export async function countsOfSchema(
  log: Log,
  topic: string,
  id: number | null,
): Promise<readonly number[]> {
  const counts = Array.from({ length: log.partitions(topic) }, () => 0);
  for await (const { partition, value } of recordsOf(log, topic)) {
    if (value !== null && schemaIdOf(value) === id)
      counts[partition] = (counts[partition] ?? 0) + 1;
  }
  return counts;
}
