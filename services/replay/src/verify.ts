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
  /** Processors that divided the partitions among themselves. */
  readonly instances: number;
  /** sha256 by table and the projectors that filled them; null when no tables were asked for. */
  readonly readModel: ReadModel | null;
  /** What differs, by topic and table; empty when everything is equal and in order. */
  readonly differences: readonly string[];
}

export interface ReadModel {
  readonly projectors: number;
  readonly tables: Readonly<Record<string, string>>;
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
  /** Fills tables from logs, one projector each: sha256 by table. Without it none are compared. */
  readonly tablesOf?: (logs: readonly Log[]) => Promise<Readonly<Record<string, string>>>;
}

/** What came of one way. */
interface Processed {
  readonly digests: LogDigests;
  readonly readModel: ReadModel | null;
  readonly elapsedMs: number;
}

/**
 * Processes the same facts in every way and compares the digests of all derived topics; the tables
 * of ways that have projectors are compared with those of the first such way, the file log.
 */
export async function verifyDeterminism(
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
  { onVariant = () => undefined, moreWays = [], tablesOf }: VerifyOptions = {},
): Promise<VerifyResult> {
  const reference = await process(REFERENCE, facts, topology, tablesOf);
  const first = judge(REFERENCE, reference, reference, null);
  onVariant(first);
  const variants = [first];
  let tables: ReadModel | null = null;
  for (const way of [...WAYS, ...moreWays]) {
    const processed = await process(way, facts, topology, tablesOf);
    tables ??= processed.readModel;
    const result = judge(way, reference, processed, tables);
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
  tablesOf: VerifyOptions["tablesOf"],
): Promise<Processed> {
  const startedMs = performance.now();
  const store = await way.makeStore(way.partitions);
  const logs: Log[] = [];
  const open = async (): Promise<Log> => {
    const log = await store.open();
    logs.push(log);
    return log;
  };
  try {
    const log = await open();
    const random = way.shuffle === undefined ? null : seededRandom(way.shuffle);
    await writeSlices(log, facts, (slice) =>
      random === null ? slice.facts : shuffled(slice.facts, random),
    );
    const processed = await runTopology(log, way, topology, open);
    const digests = await digestsOf(processed);
    const { projectors = 0 } = way;
    const tables =
      tablesOf === undefined || projectors === 0
        ? null
        : await project(processed, projectors, tablesOf, open);
    const readModel = tables && { projectors, tables };
    return { digests, readModel, elapsedMs: performance.now() - startedMs };
  } finally {
    for (const log of logs) await log.close();
    await store.remove();
  }
}

/** The first projector uses the log that is open, the others one of their own. */
async function project(
  opened: Log,
  projectors: number,
  tablesOf: NonNullable<VerifyOptions["tablesOf"]>,
  open: () => Promise<Log>,
): Promise<Readonly<Record<string, string>>> {
  const logs = [opened];
  while (logs.length < projectors) logs.push(await open());
  return tablesOf(logs);
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
  { name, instances = 1 }: Way,
  reference: Processed,
  { digests, readModel, elapsedMs }: Processed,
  tables: ReadModel | null,
): VariantResult {
  const differences = DERIVED_TOPICS.flatMap((topic) =>
    differencesOf(topic, reference.digests, digests),
  );
  if (readModel !== null && tables !== null) {
    differences.push(...differingTables(tables.tables, readModel.tables));
  }
  return { name, ok: differences.length === 0, elapsedMs, instances, readModel, differences };
}

function differingTables(
  expected: ReadModel["tables"],
  actual: ReadModel["tables"],
): readonly string[] {
  const tables = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...tables]
    .filter((table) => expected[table] !== actual[table])
    .map((table) => `table ${table}: differs from that of the file log`);
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
