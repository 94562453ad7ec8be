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
  /** Sessions of daily bars before the measured day; 105 unless given. */
  readonly warmupSessions?: number;
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

/** Records between two truncations of what is behind: no log in memory keeps everything for ever. */
const TRUNCATE_EVERY_COMMITS = 4;

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
  await truncateTaken(log, subtopology);
  const runner = await StageRunner.open({ log, subtopology, partition: 0 });
  return { run: () => runTimed(log, runner) };
}

/** A log with the state of a whole job in it, taken to its end. */
export async function processedMarket(
  job: PartitionJob,
): Promise<{ readonly log: Log; readonly subtopology: Subtopology }> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const subtopology = signalsOf(job);
  await writeMarket(log, job);
  const runner = await StageRunner.open({ log, subtopology, partition: 0 });
  await runner.runUntilIdle();
  return { log, subtopology };
}

/** Takes all input; what lies behind is truncated now and then, outside the measured time. */
async function runTimed(log: Log, runner: StageRunner): Promise<PartitionResult> {
  let elapsedMs = 0;
  let cpuMs = 0;
  for (let more = true; more; ) {
    const watch = new Stopwatch();
    for (let batch = 0; more && batch < TRUNCATE_EVERY_COMMITS; batch += 1) {
      more = (await runner.runOnce()) > 0;
    }
    elapsedMs += watch.elapsedMs();
    cpuMs += watch.cpuMs();
    await truncateTaken(log, runner.subtopology);
  }
  const { applied, emitted, commits } = runner.counts;
  return { ticks: applied, emitted, commits, elapsedMs, cpuMs };
}

/** Drops the input that has been taken and everything derived from it. */
async function truncateTaken(log: Log, { name, stages }: Subtopology): Promise<void> {
  for (const { topic, next } of await log.positions(name, 0)) {
    await log.truncateBefore(topic, 0, next);
  }
  for (const topic of new Set(stages.flatMap(({ outputs }) => outputs))) {
    await log.truncateBefore(topic, 0, await log.endOffset(topic, 0));
  }
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
  const { symbols, minutes, warmupSessions = WARM_UP_SESSIONS } = job;
  const market = simulatedMarket({ symbols, minutes, warmupSessions, sessions: 1, seed: SEED });
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
