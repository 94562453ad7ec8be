import { setTimeout as wait } from "node:timers/promises";
import { type OwnKafka, ownKafka } from "@amc/stack/testing/own-kafka";
import { testPart } from "@amc/stack/testing/test-part";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { FACTS } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { outcomeOf, type SendOutcome, sendWhile } from "./testing/acknowledged-sends.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";

/** Longer than a request may take, so that every request under way has to be repeated. */
const STALL_MS = 3_500;
const REQUEST_TIMEOUT_MS = 2_000;
const STALLS = 3;
/** Sends between two stalls. */
const BETWEEN = 500;
const LAYOUT = [{ topic: FACTS, partitions: 1 }];

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`a leader that stalls${kafka.skipped}`, () => {
  let cluster: OwnKafka | null = null;

  beforeAll(async () => {
    cluster = await ownKafka(1);
  }, 120_000);
  afterAll(async () => {
    await cluster?.down();
  });

  for (const delivery of ["deduplicated", "transactional"] as const) {
    it(`costs the ${delivery} log no acknowledged record and duplicates none`, async () => {
      const topics = await topicsOf(cluster);
      const connection = { ...topics.connection, requestTimeoutMs: REQUEST_TIMEOUT_MS };
      const log = await openKafkaLog({ ...topics, connection, layout: LAYOUT, delivery });
      onTestFinished(() => log.close());
      const outcome = await sendThroughStalls(cluster, topics, async (id) => {
        await log.commit({
          appends: [{ topic: FACTS, key: "GME", value: Buffer.from(id), headers: {} }],
        });
      });
      expect(outcome).toMatchObject({ lost: 0, duplicated: 0 });
      expect(outcome.acknowledged).toBeGreaterThan(STALLS * BETWEEN);
    }, 180_000);
  }

  it("costs kafkajs acknowledged records when its sends overlap, which is why ours do not", async () => {
    const topics = await topicsOf(cluster);
    const client = new Kafka({
      brokers: [...topics.connection.brokers],
      requestTimeout: REQUEST_TIMEOUT_MS,
      logLevel: logLevel.NOTHING,
    });
    const producer = client.producer({
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const topic = topics.prefix + FACTS;
    const outcome = await sendThroughStalls(cluster, topics, async (id) => {
      await producer.send({ topic, acks: -1, messages: [{ key: "GME", value: id }] });
    });
    expect(outcome.lost + outcome.duplicated).toBeGreaterThan(0);
  }, 180_000);
});

async function topicsOf(cluster: OwnKafka | null): Promise<TestTopics> {
  const topics = await createTestTopics(cluster?.address ?? null, LAYOUT, []);
  onTestFinished(topics.remove);
  return topics;
}

/** Sends while the only broker is stopped again and again; then reads the log. */
async function sendThroughStalls(
  cluster: OwnKafka | null,
  topics: TestTopics,
  send: (id: string) => Promise<void>,
): Promise<SendOutcome> {
  const acknowledged = await sendWhile(send, async (untilMore) => {
    for (let stall = 1; stall <= STALLS; stall += 1) {
      await untilMore(BETWEEN);
      for (const pid of cluster?.pids ?? []) process.kill(pid, "SIGSTOP");
      await wait(STALL_MS);
      for (const pid of cluster?.pids ?? []) process.kill(pid, "SIGCONT");
    }
    await untilMore(BETWEEN);
  });
  const log = await openKafkaLog({ ...topics, layout: LAYOUT });
  const outcome = await outcomeOf(acknowledged, log, FACTS);
  await log.close();
  console.log(outcome);
  return outcome;
}
