import { createMemoryLog } from "@amc/platform/log/memory";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { DEFAULT_BATCH, StageRunner } from "@amc/platform/runtime/stage-runner";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { tradesOf } from "../simulated-trades.ts";
import { Stopwatch } from "../stopwatch.ts";

/** Which part of a simulated market one core takes through the signals stages, and how. */
export interface PartitionJob {
  readonly symbols: number;
  readonly minutes: number;
  /** Trades as ticks, or the minute bars themselves. */
  readonly ticks: "trades" | "bars";
  /** Minutes between two discovery slots. */
  readonly slotMinutes: number;
  /** This core's partition of how many. */
  readonly partition: number;
  readonly partitions: number;
}

export interface PartitionResult {
  readonly ticks: number;
  readonly emitted: number;
  readonly commits: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** Sessions of daily bars before the measured day: indicators are warm from the 100th on. */
const WARM_UP_SESSIONS = 105;
const SEED = 20250721;

/** A partition whose input is written and whose history is processed: the day can begin. */
export interface ReadyPartition {
  run(): Promise<PartitionResult>;
}

/**
 * Writes the input of one partition to a memory log and takes the daily history through the stages,
 * which also gives the compiler time to settle. `run` then reads, decodes, steps through features,
 * detectors, gates and scoring, encodes and commits the measured day.
 */
export async function preparePartition(job: PartitionJob): Promise<ReadyPartition> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const subtopology = signalsOf(job);
  const historyTicks = await writeMarket(log, job);
  const batch = { ...DEFAULT_BATCH, maxTicks: 1 };
  const history = await StageRunner.open({ log, subtopology, partition: 0, batch });
  while (history.counts.ticks < historyTicks) await history.runOnce();
  const runner = await StageRunner.open({ log, subtopology, partition: 0 });
  return {
    run: async () => {
      const watch = new Stopwatch();
      await runner.runUntilIdle();
      const { applied, emitted, commits } = runner.counts;
      const [elapsedMs, cpuMs] = [watch.elapsedMs(), watch.cpuMs()];
      return { ticks: applied, emitted, commits, elapsedMs, cpuMs };
    },
  };
}

function signalsOf({ slotMinutes }: PartitionJob): Subtopology {
  const slots = { ...DEFAULT_SCORING.slots, everyMinutes: slotMinutes };
  const scoring = { ...DEFAULT_SCORING, slots };
  const signals = createTopology({ ...DEFAULT_TOPOLOGY, scoring }).find(
    ({ name }) => name === "signals",
  );
  if (signals === undefined) throw new TypeError("the topology has no subtopology signals");
  return signals;
}

/** Writes the partition's share of the market; returns how many slices come before the day. */
async function writeMarket(log: Log, job: PartitionJob): Promise<number> {
  const { symbols, minutes } = job;
  const market = simulatedMarket({
    ...{ symbols, minutes, seed: SEED },
    ...{ warmupSessions: WARM_UP_SESSIONS, sessions: 1 },
  });
  let historyTicks = 0;
  function* own(): Generator<FactSlice> {
    for (const slice of market) {
      if (!slice.discovery) historyTicks += 1;
      const share = ownFacts(slice, job);
      yield job.ticks === "trades" ? tradesOf(share) : share;
    }
  }
  await writeSlices(log, own());
  return historyTicks;
}

function ownFacts(slice: FactSlice, { partition, partitions }: PartitionJob): FactSlice {
  const facts = slice.facts.filter(
    ({ append }) => partitionOf(append.key ?? "", partitions) === partition,
  );
  return { ...slice, facts };
}
