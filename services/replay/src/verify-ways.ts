import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "@amc/platform/log/file";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { BatchLimits } from "@amc/platform/runtime/stage-runner";

/** Where one way keeps its log; `open` may be called again after the log was closed. */
export interface Store {
  open(): Promise<Log>;
  remove(): Promise<void>;
}

/** One way of processing the same facts; all of them must give the same bytes. */
export interface Way {
  readonly name: string;
  readonly partitions: number;
  makeStore(partitions: number): Promise<Store>;
  readonly batch?: BatchLimits;
  /** Seed of the arrival order inside each slice; absent keeps the order of publication. */
  readonly shuffle?: number;
  /** Takes everything up again, from what was committed, after this many batches. */
  readonly restartEvery?: number;
  /** Logs opened side by side, each with its share of the partitions; 1 when left out. */
  readonly instances?: number;
  /** Projectors, each on a log of its own, whose tables are compared too; none when left out. */
  readonly projectors?: number;
}

/** Append times take no part in a digest; a constant shows that nothing depends on them. */
const clock = (): number => 0;

async function memoryStore(partitions: number): Promise<Store> {
  return {
    open: async () => createMemoryLog(systemLayout(partitions), clock),
    remove: async () => undefined,
  };
}

async function fileStore(partitions: number): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), "amc-verify-"));
  return {
    open: () => openFileLog({ directory, layout: systemLayout(partitions), clock }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

export const REFERENCE: Way = {
  name: "memory, 1 partition",
  partitions: 1,
  makeStore: memoryStore,
};

/** The ways that design.md §11.1 lists for one process. */
export const WAYS: readonly Way[] = [
  { name: "memory, 12 partitions", partitions: 12, makeStore: memoryStore },
  {
    name: "memory, 4 partitions, shuffled arrival",
    partitions: 4,
    makeStore: memoryStore,
    shuffle: 1,
  },
  {
    name: "memory, 12 partitions, shuffled arrival",
    partitions: 12,
    makeStore: memoryStore,
    shuffle: 20250721,
  },
  {
    name: "memory, batches of 1",
    partitions: 4,
    makeStore: memoryStore,
    batch: { maxTicks: 1, maxRecords: 1 },
  },
  {
    name: "memory, batches of 7",
    partitions: 4,
    makeStore: memoryStore,
    batch: { maxTicks: 7, maxRecords: 7 },
  },
  {
    name: "memory, batches of 1000",
    partitions: 4,
    makeStore: memoryStore,
    batch: { maxTicks: 1_000, maxRecords: 1_000_000 },
  },
  { name: "file log, 4 partitions", partitions: 4, makeStore: fileStore, projectors: 1 },
  {
    name: "file log, stopped and resumed",
    partitions: 4,
    makeStore: fileStore,
    batch: { maxTicks: 16, maxRecords: 500 },
    restartEvery: 3,
  },
  {
    name: "file log, restarted after every batch",
    partitions: 3,
    makeStore: fileStore,
    batch: { maxTicks: 9, maxRecords: 2_000 },
    restartEvery: 1,
  },
];
