import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "@amc/platform/log/file";
import { createMemoryLog } from "@amc/platform/log/memory";
import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { momentumBars, tickAppend } from "../momentum-bars.ts";
import { MOMENTUM_SCAN } from "../momentum-stage.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import { expectResult, type Measured, type Scale, type Workload } from "../workload.ts";

/** As many as the peers' topic has. */
const PARTITIONS = 4;
const COMMIT_RECORDS = 5_000;
const READ = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };

interface Expected {
  readonly bars: number;
  readonly signals: number;
  /** 32-bit sum of FNV-1a over `symbol|time`, in hex. */
  readonly keys: string;
}

/**
 * What the engines that this scan is compared with found in the same bars, by the definition in
 * `momentum-stage.ts`: signals counted, keys summed. Any other answer is speed at another job.
 */
const EXPECTED: Readonly<Record<Scale, Expected>> = {
  small: { bars: 100_000, signals: 734, keys: "6926751c" },
  full: { bars: 1_000_000, signals: 8_053, keys: "e51cbe96" },
};

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
      createMemoryLog(systemLayout(PARTITIONS), () => 0),
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
      const layout = systemLayout(PARTITIONS);
      return await measureScan(await openFileLog({ directory, layout, clock: Date.now }), scale);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** Writes the bars, then times reading, scanning and committing them; the log is closed after. */
async function measureScan(log: Log, scale: Scale): Promise<Measured> {
  const expected = EXPECTED[scale];
  await writeBars(log, expected.bars);
  const watch = new Stopwatch();
  let taken = 0;
  let commits = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const runner = await StageRunner.open({ log, subtopology: MOMENTUM_SCAN, partition });
    taken += await runner.runUntilIdle();
    commits += runner.counts.commits;
  }
  const elapsedMs = watch.elapsedMs();
  const cpuMs = watch.cpuMs();
  const { signals, keys } = await checksum(log);
  await log.close();
  expectResult("bars taken", taken, expected.bars);
  expectResult("signals", signals, expected.signals);
  expectResult("checksum of the signals", keys, expected.keys);
  return {
    values: {
      barsPerSecond: perSecond(taken, elapsedMs),
      barsPerCpuSecond: perSecond(taken, cpuMs),
    },
    facts: { bars: taken, signals, keys, commits, partitions: PARTITIONS },
  };
}

async function writeBars(log: Log, count: number): Promise<void> {
  let appends: Append[] = [];
  let number = 0;
  for (const bar of momentumBars(count)) {
    appends.push(tickAppend(bar, number));
    number += 1;
    if (appends.length < COMMIT_RECORDS) continue;
    await log.commit({ appends });
    appends = [];
  }
  if (appends.length > 0) await log.commit({ appends });
}

/** Count and order-free checksum of what lies in the log, as the peers' runner computes them. */
async function checksum(log: Log): Promise<{ signals: number; keys: string }> {
  let signals = 0;
  let sum = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    for (let next = 0; ; ) {
      const records = await log.read("signals.detection.v1", partition, next, READ);
      if (records.length === 0) break;
      for (const record of records) {
        const decoded = decodeRecord(record, false);
        if (!decoded.ok) throw new TypeError(`a signal does not decode: ${decoded.reason}`);
        const { value } = decoded.event;
        signals += 1;
        sum = (sum + fnv1a(`${record.key}|${value.happenedAt}`)) >>> 0;
      }
      next = nextOffset(records, next);
    }
  }
  return { signals, keys: sum.toString(16).padStart(8, "0") };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
