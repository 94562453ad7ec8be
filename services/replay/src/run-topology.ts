import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { writeSlices } from "./slice-writer.ts";
import type { FactSlice } from "./slices.ts";

/** Processes slices in memory, on one partition, and returns the log with everything derived. */
export async function runInMemory(
  facts: Iterable<FactSlice>,
  topology: readonly Subtopology[],
): Promise<Log> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  await writeSlices(log, facts);
  for (const subtopology of topology) {
    const runner = await StageRunner.open({ log, subtopology, partition: 0 });
    await runner.runUntilIdle();
  }
  return log;
}
