import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "@amc/platform/log/file";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { type BatchLimits, StageRunner } from "@amc/platform/runtime/stage-runner";
import type { TopicName } from "@amc/schemas/topics";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DERIVED_TOPICS, digestsOf, isOrdered, type LogDigests } from "./log-digests.ts";
import { seededRandom, shuffled } from "./seeded-random.ts";
import { writeSlices } from "./slice-writer.ts";
import type { FactSlice } from "./slices.ts";

/** One way of processing the same facts; all of them must give the same bytes. */
interface Variant {
  readonly name: string;
  readonly partitions: number;
  readonly batch?: BatchLimits;
  readonly storage: "memory" | "file";
  /** Seed of the arrival order inside each slice; absent keeps the order of publication. */
  readonly shuffle?: number;
  /** Takes everything up again, from what was committed, after this many batches. */
  readonly restartEvery?: number;
}

const REFERENCE: Variant = { name: "memory, 1 partition", partitions: 1, storage: "memory" };

/** The ways that design.md §11.1 lists for one process. */
const VARIANTS: readonly Variant[] = [
  { name: "memory, 12 partitions", partitions: 12, storage: "memory" },
  { name: "memory, 4 partitions, shuffled arrival", partitions: 4, storage: "memory", shuffle: 1 },
  {
    name: "memory, 12 partitions, shuffled arrival",
    partitions: 12,
    storage: "memory",
    shuffle: 20250721,
  },
  {
    name: "memory, batches of 1",
    partitions: 4,
    storage: "memory",
    batch: { maxTicks: 1, maxRecords: 1 },
  },
  {
    name: "memory, batches of 7",
    partitions: 4,
    storage: "memory",
    batch: { maxTicks: 7, maxRecords: 7 },
  },
  {
    name: "memory, batches of 1000",
    partitions: 4,
    storage: "memory",
    batch: { maxTicks: 1_000, maxRecords: 1_000_000 },
  },
  { name: "file log, 4 partitions", partitions: 4, storage: "file" },
  {
    name: "file log, stopped and resumed",
    partitions: 4,
    storage: "file",
    batch: { maxTicks: 16, maxRecords: 500 },
    restartEvery: 3,
  },
  {
    name: "file log, restarted after every batch",
    partitions: 3,
    storage: "file",
    batch: { maxTicks: 9, maxRecords: 2_000 },
    restartEvery: 1,
  },
];

export interface VariantResult {
  readonly name: string;
  readonly ok: boolean;
  readonly elapsedMs: number;
  /** What differs, topic by topic; empty when everything is equal and in order. */
  readonly differences: readonly string[];
}

export interface VerifyResult {
  readonly ok: boolean;
  /** SHA-256 per derived topic, of the reference. */
  readonly digests: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, number>>;
  readonly variants: readonly VariantResult[];
}

/** Processes the same facts in every way and compares the digests of all derived topics. */
export async function verifyDeterminism(
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
  onVariant: (result: VariantResult) => void = () => undefined,
): Promise<VerifyResult> {
  const reference = await process(REFERENCE, facts, topology);
  const first = judge(REFERENCE.name, reference.digests, reference.digests, reference.elapsedMs);
  onVariant(first);
  const variants = [first];
  for (const variant of VARIANTS) {
    const { digests, elapsedMs } = await process(variant, facts, topology);
    const result = judge(variant.name, reference.digests, digests, elapsedMs);
    onVariant(result);
    variants.push(result);
  }
  return {
    ok: variants.every(({ ok }) => ok),
    digests: byTopic(reference.digests, ({ sha256 }) => sha256),
    records: byTopic(reference.digests, ({ records }) => records),
    variants,
  };
}

function byTopic<Value>(
  digests: LogDigests,
  read: (digest: NonNullable<ReturnType<LogDigests["get"]>>) => Value,
): Record<string, Value> {
  return Object.fromEntries([...digests].map(([topic, digest]) => [topic, read(digest)]));
}

async function process(
  variant: Variant,
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
): Promise<{ digests: LogDigests; elapsedMs: number }> {
  const startedMs = performance.now();
  const directory =
    variant.storage === "file" ? await mkdtemp(join(tmpdir(), "amc-verify-")) : undefined;
  try {
    const open = (): Promise<Log> => openLog(variant.partitions, directory);
    let log = await open();
    const random = variant.shuffle === undefined ? null : seededRandom(variant.shuffle);
    await writeSlices(log, facts, (slice) =>
      random === null ? slice.facts : shuffled(slice.facts, random),
    );
    log = await runTopology(log, variant, topology, open);
    const digests = await digestsOf(log);
    await log.close();
    return { digests, elapsedMs: performance.now() - startedMs };
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function openLog(partitions: number, directory: string | undefined): Promise<Log> {
  const layout = systemLayout(partitions);
  // Append times take no part in a digest; a constant shows that nothing depends on them.
  const clock = (): number => 0;
  return directory === undefined
    ? createMemoryLog(layout, clock)
    : openFileLog({ directory, layout, clock });
}

async function runTopology(
  opened: Log,
  variant: Variant,
  topology: readonly Subtopology[],
  reopen: () => Promise<Log>,
): Promise<Log> {
  let log = opened;
  for (const subtopology of topology) {
    for (let partition = 0; partition < variant.partitions; partition += 1) {
      log = await runPartition(log, variant, subtopology, partition, reopen);
    }
  }
  return log;
}

async function runPartition(
  opened: Log,
  { batch, restartEvery }: Variant,
  subtopology: Subtopology,
  partition: number,
  reopen: () => Promise<Log>,
): Promise<Log> {
  let log = opened;
  const open = (): Promise<StageRunner> =>
    StageRunner.open({ log, subtopology, partition, ...(batch === undefined ? {} : { batch }) });
  let runner = await open();
  if (restartEvery === undefined) {
    await runner.runUntilIdle();
    return log;
  }
  for (let batches = 1; (await runner.runOnce()) > 0; batches += 1) {
    if (batches % restartEvery !== 0) continue;
    await log.close();
    log = await reopen();
    runner = await open();
  }
  return log;
}

function judge(
  name: string,
  expected: LogDigests,
  actual: LogDigests,
  elapsedMs: number,
): VariantResult {
  const differences = DERIVED_TOPICS.flatMap((topic) => differencesOf(topic, expected, actual));
  return { name, ok: differences.length === 0, elapsedMs, differences };
}

function differencesOf(topic: TopicName, expected: LogDigests, actual: LogDigests): string[] {
  const wanted = expected.get(topic);
  const given = actual.get(topic);
  if (wanted === undefined || given === undefined) return [`${topic}: no digest`];
  const differences: string[] = [];
  if (wanted.sha256 !== given.sha256) {
    differences.push(
      `${topic}: ${given.records} records differ from the reference's ${wanted.records}`,
    );
  }
  if (given.duplicates > 0) differences.push(`${topic}: ${given.duplicates} records twice`);
  if (isOrdered(topic) && given.disorder !== null) {
    differences.push(`${topic}: key ${given.disorder.key} is out of order at ${given.disorder.id}`);
  }
  return differences;
}
