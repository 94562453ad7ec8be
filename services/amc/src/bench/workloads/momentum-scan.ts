import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "@amc/platform/log/file";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { checkedSignals, EXPECTED, SCAN_PARTITIONS, writeBars } from "../momentum-job.ts";
import { MOMENTUM_SCAN } from "../momentum-stage.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

const METRICS = (atLeast: number) => ({
  barsPerSecond: { unit: "bars/s", atLeast },
  barsPerCpuSecond: { unit: "bars/CPU s" },
});

export const SCAN_IN_MEMORY: Workload = {
  name: "scan-memory",
  summary: "the peers' momentum scan as one stage through run-stage, memory log, one core",
  simulated: true,
  metrics: METRICS(1_000_000),
  run: (scale) =>
    measureScan(
      createMemoryLog(systemLayout(SCAN_PARTITIONS), () => 0),
      scale,
    ),
};

export const SCAN_DURABLE: Workload = {
  name: "scan-durable",
  summary: "the same, durable: outputs, positions and state synced to the file log",
  simulated: true,
  metrics: METRICS(300_000),
  run: async (scale) => {
    const directory = mkdtempSync(join(tmpdir(), "amc-bench-"));
    try {
      const layout = systemLayout(SCAN_PARTITIONS);
      return await measureScan(await openFileLog({ directory, layout, clock: Date.now }), scale);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** Writes the bars, then times reading, scanning and committing them; the log is closed after. */
async function measureScan(log: Log, scale: Scale): Promise<Measured> {
  await writeBars(log, EXPECTED[scale].bars);
  const watch = new Stopwatch();
  let taken = 0;
  let commits = 0;
  for (let partition = 0; partition < SCAN_PARTITIONS; partition += 1) {
    const runner = await StageRunner.open({ log, subtopology: MOMENTUM_SCAN, partition });
    taken += await runner.runUntilIdle();
    commits += runner.counts.commits;
  }
  const elapsedMs = watch.elapsedMs();
  const cpuMs = watch.cpuMs();
  const found = await checkedSignals(log, scale, taken);
  await log.close();
  return {
    values: {
      barsPerSecond: perSecond(taken, elapsedMs),
      barsPerCpuSecond: perSecond(taken, cpuMs),
    },
    facts: { bars: taken, ...found, commits, partitions: SCAN_PARTITIONS },
  };
}
