import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playRecording } from "@amc/ingest-recordings/player";
import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { Processor } from "@amc/processor/processor";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import { DEFAULT_SCORING, type ScoringConfig } from "@amc/streams/scoring/config";
import { createTopology } from "@amc/streams/topology/topology";
import { openRecording } from "../recordings.ts";

/** Enough symbols that some wake up and are recommended; see `simulatedMarket`. */
const MARKET = { symbols: 48, warmupSessions: 105, sessions: 1, minutes: 61, seed: 11 };
export const PARTITIONS = 2;

/** An empty directory of this test; removed by `dispose`. */
export class TestDirectory {
  readonly path = mkdtempSync(join(tmpdir(), "amc-commands-"));

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** `clock` gives append times, ms since 1970. */
export function openTestLog(dataDirectory: string, clock = () => Date.now()): Promise<Log> {
  return openFileLog({
    directory: join(dataDirectory, "log"),
    layout: systemLayout(PARTITIONS),
    clock,
  });
}

/**
 * A data directory as a simulated market leaves it, everything derived included. Its runs expect
 * all of its symbols, as those of `start` do.
 */
export async function writeSimulatedSystem(dataDirectory: string): Promise<void> {
  const log = await openTestLog(dataDirectory);
  try {
    await writeSlices(log, simulatedMarket(MARKET));
    await processAll(log, MARKET.symbols);
  } finally {
    await log.close();
  }
}

/** A data directory as `npm start` leaves it after the built-in case, without the tables. */
export async function writeBuiltInSystem(
  dataDirectory: string,
  scoring: ScoringConfig = DEFAULT_SCORING,
): Promise<void> {
  const log = await openTestLog(dataDirectory);
  try {
    // Its files lie beside its manifest: no root of other data is needed.
    const recording = await openRecording("built-in", "");
    const { description } = await playRecording({ log, ...recording });
    await processAll(log, description.symbols.length, scoring);
  } finally {
    await log.close();
  }
}

export async function processAll(
  log: Log,
  configuredUniverse: number | null = null,
  scoring: ScoringConfig = DEFAULT_SCORING,
): Promise<void> {
  const topology = createTopology({ scoring, configuredUniverse, failFast: true });
  const processor = await Processor.open({ log, topology });
  await processor.runUntilIdle();
}
