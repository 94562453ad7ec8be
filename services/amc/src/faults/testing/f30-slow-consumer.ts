import { readFileSync } from "node:fs";
import type { Log } from "@amc/platform/log/port";
import { awaitedInputs, partitioningInput } from "@amc/platform/runtime/inputs";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { FactSlice, SliceFactAppend } from "@amc/replay/slices";
import { ChildLife } from "./child-life.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

const MARKET = { symbols: 24, minutes: 60, partitions: 4, delivery: "deduplicated" as const };
/** Where the large records go, and whose commits are slow. */
const HOT = 0;
/** A fiftieth of a line of one gigabit a second (F30). */
const BYTES_PER_SECOND = 2_500_000;
/** Just below what the log takes; a feed that is broken may send such all day. */
const LARGE_BYTES = 250_000;
/** Large records of one minute: 180 MB in all. */
const LARGE_PER_SLICE = 12;
/** What the matrix allows a process (F30). */
const RSS_MAX_MB = 512;
const LOOK_EVERY_MS = 200;
/** Nothing takes so long. */
const PATIENCE_MS = 300_000;

export const SLOW_CONSUMER: Fault = {
  id: "F30",
  title: "one hot partition, full of records of 250 KB, whose commits get 2.5 MB/s",
  invariant:
    "the process needs at most 512 MB and takes the slow line for no stall; the other partitions are through before; all is taken, nothing twice",
  control:
    "a consumer that takes whatever is there in one batch, and needs more than 512 MB or ends with runtime.stalled",
  strikes: { full: 5, reduced: 1, control: 1 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const brokers = await clusterOfFaults();
  const tally = new MarketTally();
  const violations: string[] = [];
  const exceeded: string[] = [];
  const counts = { "most MB": 0, "others through after ms": 0, "hot one after ms": 0 };
  for (let struck = 0; struck < strikes; struck += 1) {
    const options = { ...MARKET, seed: seed + struck };
    const market = await marketOnKafka(brokers, options, (facts) => {
      const written = withLargeRecords(facts);
      return { written, golden: written };
    });
    try {
      const found = await consume(market, build);
      counts["most MB"] = Math.max(counts["most MB"], found.megabytes);
      counts["others through after ms"] = found.othersMs;
      counts["hot one after ms"] = found.hotMs;
      violations.push(...found.violations);
      exceeded.push(...found.exceeded);
      if (build === "sound") await tally.examine(market);
    } finally {
      await market.remove();
    }
    onStrike(struck + 1);
  }
  return { strikes, counts, violations: [...violations, ...tally.violations], exceeded };
}

/** Puts records that nobody can read among the facts of the last session. */
function withLargeRecords(slices: readonly FactSlice[]): readonly FactSlice[] {
  // The same bytes each time: they are only to be carried.
  const value = Buffer.alloc(LARGE_BYTES, "large");
  return slices.map((slice, index) => {
    if (index < slices.length - MARKET.minutes) return slice;
    const large: SliceFactAppend = {
      topic: "market.news.v1",
      publishedAt: slice.atMs,
      append: { topic: "market.news.v1", partition: HOT, key: null, value, headers: {} },
    };
    const many = Array.from({ length: LARGE_PER_SLICE }, () => large);
    return { ...slice, facts: [...slice.facts, ...many] };
  });
}

interface Consumption {
  /** Resident at most, by the kernel. */
  readonly megabytes: number;
  readonly othersMs: number;
  readonly hotMs: number;
  /** Memory above what it may need, or a slow line taken for a stall: what a batch is bounded against. */
  readonly violations: readonly string[];
  /** What a process that is slow, or ends for another reason, shows as well. */
  readonly exceeded: readonly string[];
}

async function consume(market: MarketOnKafka, build: Build): Promise<Consumption> {
  const { place } = market;
  const told = { place, build, slowed: HOT, bytesPerSecond: BYTES_PER_SECOND };
  const life = new ChildLife("slow-processor.ts", told);
  await life.next("READY");
  const log = await market.open();
  const startedMs = performance.now();
  let [megabytes, othersMs, hotMs] = [0, 0, 0];
  try {
    while (hotMs === 0 && !life.isOver && performance.now() - startedMs < PATIENCE_MS) {
      await life.within(LOOK_EVERY_MS);
      megabytes = Math.max(megabytes, mostResidentMegabytes(life.pid) ?? 0);
      const left = await untakenByUnit(log);
      const nowMs = Math.round(performance.now() - startedMs);
      if (othersMs === 0 && left.every((count, unit) => unit === HOT || count === 0)) {
        othersMs = nowMs;
      }
      if (left.every((count) => count === 0)) hotMs = nowMs;
      if (megabytes > RSS_MAX_MB) break;
    }
  } finally {
    life.signal("SIGKILL");
    await life.ended();
    await log.close();
  }
  const violations: string[] = [];
  const exceeded: string[] = [];
  if (megabytes > RSS_MAX_MB) violations.push(`the process needed ${megabytes} MB`);
  else if (life.times("STALLED") > 0) violations.push("the slow line was taken for a stall");
  else if (hotMs === 0) exceeded.push("not all was taken");
  else if (othersMs >= hotMs) exceeded.push("the other partitions waited for the hot one");
  return { megabytes, othersMs, hotMs, violations, exceeded };
}

/** Input records that nobody has taken, by work unit, over all subtopologies. */
async function untakenByUnit(log: Log): Promise<readonly number[]> {
  const left = Array.from({ length: MARKET.partitions }, () => 0);
  for (const subtopology of replayTopology()) {
    for (let unit = 0; unit < log.partitions(partitioningInput(subtopology)); unit += 1) {
      const positions = await log.positions(subtopology.name, unit);
      for (const topic of awaitedInputs(subtopology)) {
        const next = positions.find((one) => one.topic === topic)?.next ?? 0;
        left[unit] = (left[unit] ?? 0) + (await log.endOffset(topic, unit)) - next;
      }
    }
  }
  return left;
}

/** Peak of the resident memory of a process so far; null when it has ended. */
function mostResidentMegabytes(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    // It has ended between two looks.
    return null;
  }
}
