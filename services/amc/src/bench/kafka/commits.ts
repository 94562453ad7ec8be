import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Lease, Log } from "@amc/platform/log/port";
import { SCAN_PARTITIONS, SIGNALS } from "../momentum-job.ts";
import { MOMENTUM_SCAN } from "../momentum-stage.ts";
import { profiled } from "../profiler.ts";
import { percentile } from "../statistics.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import { expectResult, type Measured, type Scale, type Workload } from "../workload.ts";
import { type Delivery, onOwnTopics } from "./brokers.ts";

const LAYOUT = ["market.price-tick.v1", SIGNALS].map((topic) => ({
  topic,
  partitions: SCAN_PARTITIONS,
}));
const VALUE_BYTES = 100;
/** Commits of so many records, and how many of them. */
const SIZES: Readonly<Record<Scale, readonly (readonly [records: number, commits: number])[]>> = {
  small: [
    [1, 50],
    [1_000, 10],
    [10_000, 2],
  ],
  full: [
    [1, 300],
    [1_000, 60],
    [10_000, 10],
  ],
};
const STATE_KEYS = 20_000;
const STATE_BYTES = 1_000;
const READ = { maxRecords: 10_000, maxBytes: 8 * 1_048_576 };

function commits(delivery: Delivery): Workload {
  return {
    name: `kafka-commits-${delivery}`,
    summary: `commits of 1, 1,000 and 10,000 records of 100 bytes with three headers, ${delivery}`,
    simulated: true,
    metrics: {
      commit1P50: { unit: "ms" },
      commit1P99: { unit: "ms" },
      commit1000P50: { unit: "ms" },
      commit1000P99: { unit: "ms" },
      recordsPerSecond: { unit: "records/s" },
      recordsPerCpuSecond: { unit: "records/CPU s" },
      readPerSecond: { unit: "records/s" },
      readPerCpuSecond: { unit: "records/CPU s" },
      restoreMs: { unit: "ms" },
    },
    run: (scale) => measureCommits(delivery, scale),
  };
}

export const KAFKA_COMMITS: readonly Workload[] = [
  commits("deduplicated"),
  commits("transactional"),
];

async function measureCommits(delivery: Delivery, scale: Scale): Promise<Measured> {
  return onOwnTopics(LAYOUT, [MOMENTUM_SCAN], async ({ open }) => {
    const log = await open(delivery);
    const lease = await log.acquire(MOMENTUM_SCAN.name, 0);
    const [one, thousand, bulk] = SIZES[scale];
    const single = await timeCommits(log, lease, one ?? [1, 1]);
    const thousands = await timeCommits(log, lease, thousand ?? [1, 1]);
    const written = await profiled(() => timeCommits(log, lease, bulk ?? [1, 1]));
    const read = await timeReads(log);
    const total = [single, thousands, written].reduce((sum, { records }) => sum + records, 0);
    expectResult("records read", read.records, total);
    return {
      values: {
        commit1P50: percentile(single.ms, 0.5),
        commit1P99: percentile(single.ms, 0.99),
        commit1000P50: percentile(thousands.ms, 0.5),
        commit1000P99: percentile(thousands.ms, 0.99),
        recordsPerSecond: perSecond(written.records, written.elapsedMs),
        recordsPerCpuSecond: perSecond(written.records, written.cpuMs),
        readPerSecond: perSecond(read.records, read.elapsedMs),
        readPerCpuSecond: perSecond(read.records, read.cpuMs),
        restoreMs: await timeRestore(log, lease, open, delivery),
      },
      facts: { records: total, stateKeys: STATE_KEYS, stateBytes: STATE_KEYS * STATE_BYTES },
    };
  });
}

/** One commit after the other, each with outputs to all partitions, a position and a state change. */
async function timeCommits(
  log: Log,
  lease: Lease,
  [records, count]: readonly [records: number, commits: number],
) {
  const ms: number[] = [];
  const watch = new Stopwatch();
  for (let next = 0; next < count; next += 1) {
    const appends = Array.from({ length: records }, (_, index) => output(next, index));
    const startedMs = performance.now();
    await log.commit({
      ...{ lease, appends },
      positions: [{ topic: "market.price-tick.v1", partition: 0, next }],
      state: [{ store: "s", key: "k", value: Buffer.alloc(VALUE_BYTES) }],
    });
    ms.push(performance.now() - startedMs);
  }
  const [elapsedMs, cpuMs] = [watch.elapsedMs(), watch.cpuMs()];
  return { ms: ms.toSorted((a, b) => a - b), records: records * count, elapsedMs, cpuMs };
}

function output(commit: number, index: number): Append {
  return {
    topic: SIGNALS,
    partition: index % SCAN_PARTITIONS,
    key: `SYM${index % 200}`,
    value: Buffer.alloc(VALUE_BYTES),
    headers: {
      ce_id: `${commit}-${index}`,
      "amc-stage": "bench@1",
      "amc-source": `market.price-tick.v1/0/${commit}#${index}`,
    },
  };
}

async function timeReads(log: Log) {
  const watch = new Stopwatch();
  let records = 0;
  for (let partition = 0; partition < SCAN_PARTITIONS; partition += 1) {
    for (let next = 0; ; ) {
      const read = await log.read(SIGNALS, partition, next, READ);
      if (read.length === 0) break;
      records += read.length;
      next = nextOffset(read, next);
    }
  }
  return { records, elapsedMs: watch.elapsedMs(), cpuMs: watch.cpuMs() };
}

/** ms to take the unit over in another process and have its state in memory. */
async function timeRestore(
  log: Log,
  lease: Lease,
  open: (delivery: Delivery) => Promise<Log>,
  delivery: Delivery,
): Promise<number> {
  for (let first = 0; first < STATE_KEYS; first += 2_000) {
    const state = Array.from({ length: 2_000 }, (_, index) => ({
      ...{ store: "s", key: `${first + index}` },
      value: Buffer.alloc(STATE_BYTES, 1),
    }));
    await log.commit({ lease, appends: [], state });
  }
  const heir = await open(delivery);
  const watch = new Stopwatch();
  await heir.acquire(MOMENTUM_SCAN.name, 0);
  let keys = 0;
  for await (const { value } of heir.state(MOMENTUM_SCAN.name, 0)) keys += value === null ? 0 : 1;
  const elapsedMs = watch.elapsedMs();
  // And the one key of the commits before.
  expectResult("keys of state", keys, STATE_KEYS + 1);
  return elapsedMs;
}
