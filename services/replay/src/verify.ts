import type { Log } from "@amc/platform/log/port";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import type { TopicName } from "@amc/schemas/topics";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DERIVED_TOPICS, digestsOf, isOrdered, type LogDigests } from "./log-digests.ts";
import { seededRandom, shuffled } from "./seeded-random.ts";
import { writeSlices } from "./slice-writer.ts";
import type { FactSlice } from "./slices.ts";
import { REFERENCE, WAYS, type Way } from "./verify-ways.ts";

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

export interface VerifyOptions {
  /** Told of each way when it has ended. */
  readonly onVariant?: (result: VariantResult) => void;
  /** Ways beside those of one process. */
  readonly moreWays?: readonly Way[];
}

/** Processes the same facts in every way and compares the digests of all derived topics. */
export async function verifyDeterminism(
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
  { onVariant = () => undefined, moreWays = [] }: VerifyOptions = {},
): Promise<VerifyResult> {
  const reference = await process(REFERENCE, facts, topology);
  const first = judge(REFERENCE.name, reference.digests, reference.digests, reference.elapsedMs);
  onVariant(first);
  const variants = [first];
  for (const way of [...WAYS, ...moreWays]) {
    const { digests, elapsedMs } = await process(way, facts, topology);
    const result = judge(way.name, reference.digests, digests, elapsedMs);
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
  way: Way,
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
): Promise<{ digests: LogDigests; elapsedMs: number }> {
  const startedMs = performance.now();
  const store = await way.makeStore(way.partitions);
  try {
    const log = await store.open();
    const random = way.shuffle === undefined ? null : seededRandom(way.shuffle);
    await writeSlices(log, facts, (slice) =>
      random === null ? slice.facts : shuffled(slice.facts, random),
    );
    const processed = await runTopology(log, way, topology, () => store.open());
    const digests = await digestsOf(processed);
    await processed.close();
    return { digests, elapsedMs: performance.now() - startedMs };
  } finally {
    await store.remove();
  }
}

/** Returns a log with everything in it; the instances beside it are closed. */
async function runTopology(
  opened: Log,
  way: Way,
  topology: readonly Subtopology[],
  open: () => Promise<Log>,
): Promise<Log> {
  const { instances = 1, partitions } = way;
  const logs = [opened];
  while (logs.length < instances) logs.push(await open());
  for (const subtopology of topology) {
    const shares = logs.map(async (log, instance) => {
      let current = log;
      for (let partition = instance; partition < partitions; partition += instances) {
        current = await runPartition(current, way, subtopology, partition, open);
      }
      return current;
    });
    logs.splice(0, logs.length, ...(await Promise.all(shares)));
  }
  const [kept = opened, ...others] = logs;
  for (const log of others) await log.close();
  return kept;
}

async function runPartition(
  opened: Log,
  { batch, restartEvery }: Way,
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
