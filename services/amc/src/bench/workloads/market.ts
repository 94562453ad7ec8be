import { Worker } from "node:worker_threads";
import { profiled } from "../profiler.ts";
import { perSecond } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import { type PartitionJob, type PartitionResult, preparePartition } from "./market-partition.ts";

type Market = Pick<PartitionJob, "ticks" | "slotMinutes"> & {
  readonly minutes: Readonly<Record<Scale, number>>;
};

const SYMBOLS: Readonly<Record<Scale, number>> = { small: 200, full: 2_000 };
/** Slots at their default pace. */
const SLOT_MINUTES = 15;

const TRADES: Market = {
  ticks: "trades",
  slotMinutes: SLOT_MINUTES,
  minutes: { small: 20, full: 20 },
};
const BARS: Market = {
  ticks: "bars",
  slotMinutes: SLOT_MINUTES,
  minutes: { small: 120, full: 120 },
};
/** Each bar is judged: six detections and a verdict for every features event. */
const JUDGED_BARS: Market = { ticks: "bars", slotMinutes: 1, minutes: { small: 30, full: 30 } };

const TICKS_PER_SECOND_MIN = 300_000;
const BARS_PER_SECOND_MIN = 200_000;

function metrics(atLeast?: number): Workload["metrics"] {
  return {
    ticksPerSecond: { unit: "ticks/s", ...(atLeast === undefined ? {} : { atLeast }) },
    ticksPerCpuSecond: { unit: "ticks/CPU s" },
  };
}

export const MARKET_WORKLOADS: readonly Workload[] = [
  {
    name: "T-1core",
    summary: "T: 2,000 symbols, 20 trades a minute each, features per slice, detectors per slot",
    simulated: true,
    metrics: metrics(TICKS_PER_SECOND_MIN),
    run: (scale) => onOneCore(TRADES, scale),
  },
  {
    name: "T-2cores",
    summary: "T on two worker threads, each with its partition of the symbols and its own log",
    simulated: true,
    metrics: metrics(),
    run: (scale) => onTwoCores(TRADES, scale),
  },
  {
    name: "B-1core",
    summary: "B: minute bars of 2,000 symbols, one features event each, detectors per slot",
    simulated: true,
    metrics: metrics(BARS_PER_SECOND_MIN),
    run: (scale) => onOneCore(BARS, scale),
  },
  {
    name: "B-2cores",
    summary: "B on two worker threads, each with its partition of the symbols and its own log",
    simulated: true,
    metrics: metrics(),
    run: (scale) => onTwoCores(BARS, scale),
  },
  {
    name: "B-judged",
    summary: "B with a slot every minute: each bar through six detectors, gates and scoring",
    simulated: true,
    metrics: metrics(),
    run: (scale) => onOneCore(JUDGED_BARS, scale),
  },
];

function jobsOf(market: Market, scale: Scale, partitions: number): PartitionJob[] {
  return Array.from({ length: partitions }, (_, partition) => ({
    ...market,
    minutes: market.minutes[scale],
    symbols: SYMBOLS[scale],
    ...{ partition, partitions },
  }));
}

async function onOneCore(market: Market, scale: Scale): Promise<Measured> {
  const results: PartitionResult[] = [];
  for (const job of jobsOf(market, scale, 1)) {
    const ready = await preparePartition(job);
    results.push(await profiled(() => ready.run()));
  }
  return measured(results, scale);
}

/** Both threads have their input before the clock starts; the slower one's time is the time. */
async function onTwoCores(market: Market, scale: Scale): Promise<Measured> {
  const body = new URL("./market-worker.ts", import.meta.url);
  const workers = jobsOf(market, scale, 2).map((workerData) => new Worker(body, { workerData }));
  try {
    await Promise.all(workers.map((worker) => answerOf(worker)));
    for (const worker of workers) worker.postMessage("run");
    const results = await Promise.all(workers.map((worker) => answerOf<PartitionResult>(worker)));
    return measured(results, scale);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function answerOf<Answer>(worker: Worker): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function measured(results: readonly PartitionResult[], scale: Scale): Measured {
  // Of two threads both counted the processor time of the whole process.
  const elapsedMs = Math.max(...results.map((result) => result.elapsedMs));
  const cpuMs = Math.max(...results.map((result) => result.cpuMs));
  const total = (field: "ticks" | "emitted" | "commits"): number =>
    results.reduce((sum, result) => sum + result[field], 0);
  const ticks = total("ticks");
  return {
    values: {
      ticksPerSecond: perSecond(ticks, elapsedMs),
      ticksPerCpuSecond: perSecond(ticks, cpuMs),
    },
    facts: {
      ...{ symbols: SYMBOLS[scale], ticks },
      ...{ emitted: total("emitted"), commits: total("commits") },
    },
  };
}
