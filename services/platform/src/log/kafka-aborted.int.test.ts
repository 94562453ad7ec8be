import { randomUUID } from "node:crypto";
import { testPart } from "@amc/stack/testing/test-part";
import {
  Consumer,
  FetchIsolationLevels,
  MessagesStreamModes,
  stringDeserializers,
} from "@platformatic/kafka";
import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { FACTS, readAll, texts } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";

const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const ROUNDS = 50;
const LAST = "end";
const POLL = { timeout: 20_000 };

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`aborted transactions${kafka.skipped}`, () => {
  it("are read by nobody of ours, however often and in whatever order producers abort", async () => {
    const topics = await topicsOfTest();
    const [one, other] = [await producerOf(topics), await producerOf(topics)];
    const committed: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [a, b] = [await one.transaction(), await other.transaction()];
      for (const part of [0, 1]) {
        await a.send(record(topics, `one-${round}-${part}`));
        await b.send(record(topics, `other-${round}-${part}`));
      }
      // One of the two commits, by turns; the other's records lie between its own.
      if (round % 2 === 0) {
        await a.commit();
        await b.abort();
      } else {
        await b.commit();
        await a.abort();
      }
      const winner = round % 2 === 0 ? "one" : "other";
      committed.push(`${winner}-${round}-0`, `${winner}-${round}-1`);
    }
    // A transaction is seen a moment after its end was answered.
    await expect.poll(() => idsRead(topics), POLL).toEqual(committed);
  });

  it("are delivered by the client's own reader, which is why ours does not use it", async () => {
    const topics = await topicsOfTest();
    const producer = await producerOf(topics);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const outcome of ["committed", "aborted"] as const) {
        const transaction = await producer.transaction();
        await transaction.send(record(topics, `${outcome}-${round}`));
        await (outcome === "committed" ? transaction.commit() : transaction.abort());
      }
    }
    const transaction = await producer.transaction();
    await transaction.send(record(topics, LAST));
    await transaction.commit();
    const committed = Array.from({ length: ROUNDS }, (_, round) => `committed-${round}`);
    await expect.poll(() => idsRead(topics), POLL).toEqual([...committed, LAST]);
    const theirs = await idsDelivered(topics);
    expect(theirs.filter((id) => id.startsWith("aborted")).length).toBeGreaterThan(0);
  });
});

async function topicsOfTest(): Promise<TestTopics> {
  const topics = await createTestTopics(kafka.address, LAYOUT, []);
  onTestFinished(topics.remove);
  return topics;
}

async function producerOf({ connection }: TestTopics): Promise<Producer> {
  const client = new Kafka({ brokers: [...connection.brokers], logLevel: logLevel.NOTHING });
  const producer = client.producer({
    transactionalId: randomUUID(),
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 5, factor: 0, multiplier: 1.5, retries: 30, maxRetryTime: 200 },
  });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

function record({ prefix }: TestTopics, value: string) {
  return { topic: prefix + FACTS, acks: -1, messages: [{ partition: 0, key: "GME", value }] };
}

async function idsRead(topics: TestTopics): Promise<string[]> {
  const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery: "transactional" });
  try {
    return texts(await readAll(log, FACTS, 0));
  } finally {
    await log.close();
  }
}

/** What a reader of committed records gets from the client, up to the last record. */
async function idsDelivered({ connection, prefix }: TestTopics): Promise<string[]> {
  const consumer = new Consumer({
    clientId: "amc-test",
    groupId: `amc-test-${randomUUID()}`,
    bootstrapBrokers: [...connection.brokers],
    deserializers: stringDeserializers,
  });
  const ids: string[] = [];
  const stream = await consumer.consume({
    topics: [prefix + FACTS],
    mode: MessagesStreamModes.EARLIEST,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    autocommit: false,
  });
  for await (const { value } of stream) {
    ids.push(value);
    if (value === LAST) break;
  }
  await consumer.close(true);
  return ids;
}
