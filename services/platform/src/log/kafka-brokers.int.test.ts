import { setTimeout as wait } from "node:timers/promises";
import { type OwnKafka, ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { Admin } from "@platformatic/kafka";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { systemGroups, systemLayout } from "../runtime/layout.ts";
import { FACTS, readAll, texts } from "./contract/fixture.ts";
import { clientOptions, type KafkaConnection } from "./kafka/client-options.ts";
import { Cluster } from "./kafka/cluster.ts";
import { checkTopics, provideTopics } from "./kafka/topics/topic-admin.ts";
import { openKafkaLog } from "./kafka.ts";
import { nextOffset } from "./next-offset.ts";
import type { Log } from "./port.ts";
import { outcomeOf, type SendOutcome, sendWhile } from "./testing/acknowledged-sends.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";

/**
 * F4 of the reliability notes, reduced: three brokers, and kill -9 of the one that leads, at a moment
 * at which its followers have not heard of the last records.
 */
/** Acknowledged before a kill, and again after it. */
const BETWEEN = 200;
/** For so long followers copy nothing before their leader dies; shorter than they may lag. */
const UNCOPIED_MS = 400;
const REQUEST_TIMEOUT_MS = 3_000;
const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const LIMITS = { maxRecords: 1_000, maxBytes: 1_000_000 };
const SYSTEM = { layout: systemLayout(4), groups: systemGroups(4) };

const skipped = await withoutOwnKafka();

describe.skipIf(skipped !== "")(`three brokers${skipped}`, () => {
  let cluster: OwnKafka | null = null;
  const connection = (): KafkaConnection => ({
    brokers: (cluster?.address ?? "").split(","),
    clientId: "amc-test",
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });

  beforeAll(async () => {
    cluster = await ownKafka(3);
  }, 240_000);
  afterAll(async () => {
    await cluster?.down();
  });

  const topicsOfTest = async (): Promise<TestTopics> => {
    const topics = await createTestTopics(cluster?.address ?? null, LAYOUT, []);
    onTestFinished(topics.remove);
    return topics;
  };

  /** Kills the leader of a partition before its followers have copied the newest, and brings it back. */
  const killLeader = async (topic: string, untilMore: (count: number) => Promise<void>) => {
    // Brokers that an earlier test brought back must have caught up, or this kill takes the only copy.
    await cluster?.untilCopied(topic);
    const asking = new Cluster(connection());
    const { node } = await asking.home(topic, 0);
    await asking.close();
    const leader = pidOf(cluster, node - 1);
    const followers = cluster?.pids.filter((pid) => pid !== leader) ?? [];
    for (const pid of followers) process.kill(pid, "SIGSTOP");
    await wait(UNCOPIED_MS);
    process.kill(leader, "SIGKILL");
    for (const pid of followers) process.kill(pid, "SIGCONT");
    await untilMore(BETWEEN);
    await cluster?.restart();
  };

  it("have every topic of the table on three of them, acknowledged by two, and one may be away", async () => {
    await provideTopics(connection(), SYSTEM);
    const admin = new Admin(clientOptions(connection()));
    const { topics } = await admin.metadata({ topics: SYSTEM.layout.map(({ topic }) => topic) });
    await admin.close();
    for (const [topic, { partitions }] of topics) {
      expect(
        partitions.map(({ replicas }) => replicas.length),
        topic,
      ).toEqual([3, 3, 3, 3]);
    }
    expect(await checkTopics(connection(), SYSTEM)).toMatchObject({ absent: [], differences: [] });
    await cluster?.alterTopic("market.news.v1", { "min.insync.replicas": "1" });
    const differing = async () => (await checkTopics(connection(), SYSTEM)).differences;
    await expect
      .poll(differing, { timeout: 30_000 })
      .toEqual([{ topic: "market.news.v1", setting: "min.insync.replicas", is: "1", should: "2" }]);
    await cluster?.alterTopic("market.news.v1", { "min.insync.replicas": "2" });
    await expect.poll(differing, { timeout: 30_000 }).toEqual([]);
    // Two brokers answer; the third one is known by what it should have copies of.
    process.kill(pidOf(cluster, 2), "SIGKILL");
    const known = new Admin(clientOptions(connection()));
    const alive = async () =>
      (await known.metadata({ topics: [], forceUpdate: true })).brokers.size;
    await expect.poll(alive, { timeout: 30_000 }).toBe(2);
    await known.close();
    expect(await differing()).toEqual([]);
    await cluster?.restart();
  }, 240_000);

  for (const { name, ...way } of KAFKA_WAYS) {
    it(`lose no acknowledged record with their leader, and readers go on, ${name}`, async () => {
      const topics = await topicsOfTest();
      const options = { ...topics, connection: connection(), layout: LAYOUT, ...way };
      const log = await openKafkaLog(options);
      onTestFinished(() => log.close());
      const reader = await openKafkaLog(options);
      onTestFinished(() => reader.close());
      const stop = new AbortController();
      const seen = follow(reader, stop.signal);
      const acknowledged = await sendWhile(
        async (id) => {
          const append = { topic: FACTS, key: "GME", value: Buffer.from(id), headers: {} };
          await log.commit({ appends: [append] });
        },
        async (untilMore) => {
          await untilMore(BETWEEN);
          await killLeader(topics.prefix + FACTS, untilMore);
        },
      );
      const outcome = await told(acknowledged, topics, connection(), name);
      expect(outcome).toMatchObject({ lost: 0, duplicated: 0 });
      expect(outcome.acknowledged).toBeGreaterThanOrEqual(2 * BETWEEN);
      const records = texts(await readAll(reader, FACTS, 0));
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(records.length);
      stop.abort();
      expect(seen).toEqual(records);
    }, 400_000);
  }

  it("lose acknowledged records of a producer that waits for the leader alone: the check notices", async () => {
    const topics = await topicsOfTest();
    const client = new Kafka({
      brokers: [...connection().brokers],
      requestTimeout: REQUEST_TIMEOUT_MS,
      logLevel: logLevel.NOTHING,
    });
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const topic = topics.prefix + FACTS;
    const acknowledged = await sendWhile(
      async (id) => {
        await producer.send({ topic, acks: 1, messages: [{ key: "GME", value: id }] });
      },
      async (untilMore) => {
        await untilMore(BETWEEN);
        await killLeader(topic, untilMore);
      },
    );
    const outcome = await told(acknowledged, topics, connection(), "acks=1");
    expect(outcome.lost).toBeGreaterThan(0);
  }, 240_000);
});

/** Everything that comes, as a reader sees it that never starts anew. */
function follow(log: Log, signal: AbortSignal): string[] {
  const seen: string[] = [];
  const run = async () => {
    let next = 0;
    while (!signal.aborted) {
      const records = await log.read(FACTS, 0, next, LIMITS);
      seen.push(...texts([...records]));
      next = nextOffset(records, next);
      if (records.length === 0) await log.waitFor(FACTS, 0, next, signal);
    }
  };
  void run().catch((error: unknown) => {
    seen.push(`the reader ended: ${String(error)}`);
  });
  return seen;
}

async function told(
  acknowledged: readonly string[],
  topics: TestTopics,
  connection: KafkaConnection,
  producer: string,
): Promise<SendOutcome> {
  const log = await openKafkaLog({ ...topics, connection, layout: LAYOUT });
  const outcome = await outcomeOf(acknowledged, log, FACTS);
  await log.close();
  console.log({ producer, ...outcome });
  return outcome;
}

/** Of a broker that runs; 0 would be the process group of this test. */
function pidOf(cluster: OwnKafka | null, index: number): number {
  const pid = cluster?.pids[index];
  if (pid === undefined) throw new RangeError(`there is no broker ${index}`);
  return pid;
}
