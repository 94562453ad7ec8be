import { randomUUID } from "node:crypto";
import { loadConfig } from "@amc/platform/config/load-config";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { registerReleases } from "@amc/platform/registry/releases";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";
import { digestsOf, isOrdered, type LogDigests } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import type { FactSlice } from "@amc/replay/slices";
import { testPart } from "@amc/stack/testing/test-part";
import { loadRecordingSlices, openRecording } from "../recordings.ts";
import { configuredScoring } from "../scoring-options.ts";
import { RECORDED_DATA } from "./recorded-data.ts";
import { ServiceProcess } from "./service-process.ts";
import { type Progress, progressOf } from "./stage-progress.ts";

/** Of every topic that is divided by key. */
export const PARTITIONS = 4;
/** Topics, a database and services of one test on the real servers that all tests share. */
export interface RealStack {
  readonly log: Log;
  readonly environment: Readonly<Record<string, string>>;
  readonly database: TestDatabase;
  /** Starts a service with this environment; `close` kills what is left of it. */
  start(...words: string[]): ServiceProcess;
  /** The same of another build or command: the program and its first words. */
  startProgram(program: readonly string[], ...words: string[]): ServiceProcess;
  /** The same topics with the values as they lie there, under the ids of the registry; close it. */
  openWire(): Promise<Log>;
  /** Input records that processors have committed, and that nobody has taken yet. */
  progress(): Promise<Progress>;
  close(): Promise<void>;
}

/** Why the servers cannot be had, as the end of a suite's name; empty when they can. */
export const stackParts = await Promise.all([
  testPart("kafka"),
  testPart("registry"),
  testPart("redis"),
]);

export interface RealStackOptions {
  readonly delivery?: "deduplicated" | "transactional";
  /** A registry of the test's own; the one that all tests share when left out. */
  readonly registryUrl?: string;
  /** Variables of every service, beside those of the stack. */
  readonly given?: Readonly<Record<string, string>>;
}

export async function openRealStack({
  delivery = "deduplicated",
  registryUrl,
  given = {},
}: RealStackOptions = {}): Promise<RealStack> {
  const [kafka, shared, redis] = stackParts.map(({ address }) => address ?? "");
  const registry = registryUrl ?? shared;
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  const connection = { brokers: (kafka ?? "").split(","), clientId: "amc-test" };
  const layout = systemLayout(PARTITIONS);
  const groups = systemGroups(PARTITIONS);
  const client = new RegistryClient({ url: registry ?? "" });
  await registerReleases(client);
  // What the services write and read carries the registry's ids: so does what a test does.
  const wireIds = await registeredIds(client);
  const { names } = await provideTopics(connection, { prefix, layout, groups });
  const database = await startTestPostgres();
  const wire = { connection, prefix, layout, delivery };
  const log = await openKafkaLog({ ...wire, wireIds });
  const environment = {
    ...{ KAFKA_BROKERS: kafka ?? "", SCHEMA_REGISTRY_URL: registry ?? "", REDIS_URL: redis ?? "" },
    ...{ KAFKA_TOPIC_PREFIX: prefix, AMC_PARTITIONS: String(PARTITIONS) },
    DATABASE_URL: database.url("migrator"),
    // Others use the same Redis.
    REDIS_DISCOVERY_KEY_PREFIX: prefix,
    ...{ PORT: "0", OPERATIONS_PORT: "0", LOG_LEVEL: "info" },
    KAFKA_DELIVERY: delivery,
    ...given,
  };
  const processes: ServiceProcess[] = [];
  const kept = (process: ServiceProcess): ServiceProcess => {
    processes.push(process);
    return process;
  };
  return {
    ...{ log, environment, database },
    start: (...words) => kept(new ServiceProcess(words, environment)),
    startProgram: (program, ...words) => kept(new ServiceProcess(words, environment, program)),
    openWire: () => openKafkaLog(wire),
    progress: () => progressOf(log, TOPOLOGY, PARTITIONS),
    close: async () => {
      await Promise.all(processes.map((process) => process.kill()));
      await log.close();
      await removeTopics(connection, names);
      await database.drop();
    },
  };
}

/** What recordings give when one process takes them in memory: the oracle of these tests. */
export async function replayedDigests(
  ...recordings: readonly (readonly [recording: string, data: string])[]
): Promise<LogDigests> {
  const slices: FactSlice[] = [];
  for (const [recording, data] of recordings) {
    slices.push(...(await loadRecordingSlices(await openRecording(recording, data))));
  }
  return digestsOf(await runInMemory(slices, TOPOLOGY));
}

export const BUILT_IN = ["built-in", RECORDED_DATA] as const;
/** As the services have it that are started with the environment of a test. */
export const TOPOLOGY = replayTopology(configuredScoring(loadConfig({})));

export interface Comparison {
  readonly topic: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * Topics that say something else than the replay: a record that is missing, one too many, another
 * value, or an order that a key does not allow. A copy under the same ce_id says nothing new.
 */
export async function differences(log: Log, expected: LogDigests): Promise<Comparison[]> {
  const actual = await digestsOf(log);
  return [...expected].flatMap(([topic, { sha256, records }]) => {
    const ours = actual.get(topic);
    const describe = (count: number | undefined, hash: string | undefined) => `${count} ${hash}`;
    const isEqual =
      ours?.sha256 === sha256 && ours.conflicts === 0 && (!isOrdered(topic) || !ours.disorder);
    if (isEqual) return [];
    const told = describe(ours?.records, ours?.sha256);
    return [{ topic, expected: describe(records, sha256), actual: told }];
  });
}
