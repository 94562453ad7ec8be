import { type OwnKafka, ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { FACTS } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { outcomeOf, type SendOutcome, sendThrough } from "./testing/acknowledged-sends.ts";
import { bareKafkajs } from "./testing/bare-kafkajs.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";

/** Longer than a request may take, so that every request under way has to be repeated. */
const STALL_MS = 3_500;
const REQUEST_TIMEOUT_MS = 2_000;
const STALLS = 3;
const CONCURRENCY = 20;
/** Sends between two stalls. */
const BETWEEN = 500;
const LAYOUT = [{ topic: FACTS, partitions: 1 }];

const skipped = await withoutOwnKafka();

describe.skipIf(skipped !== "")(`a leader that stalls${skipped}`, () => {
  let cluster: OwnKafka | null = null;

  beforeAll(async () => {
    cluster = await ownKafka(1);
  }, 120_000);
  afterAll(async () => {
    await cluster?.down();
  });

  for (const { name, ...way } of KAFKA_WAYS) {
    it(`costs the log no acknowledged record and duplicates none, ${name}`, async () => {
      const topics = await topicsOf(cluster);
      const connection = { ...topics.connection, requestTimeoutMs: REQUEST_TIMEOUT_MS };
      const log = await openKafkaLog({ ...topics, connection, layout: LAYOUT, ...way });
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
    const { brokers } = topics.connection;
    const producer = await bareKafkajs(brokers, topics.prefix + FACTS, REQUEST_TIMEOUT_MS);
    onTestFinished(() => producer.close());
    const outcome = await sendThroughStalls(cluster, topics, producer.send);
    expect(outcome.lost + outcome.duplicated).toBeGreaterThan(0);
  }, 180_000);
});

async function topicsOf(cluster: OwnKafka | null): Promise<TestTopics> {
  const topics = await createTestTopics(cluster?.address ?? null, LAYOUT, []);
  onTestFinished(topics.remove);
  return topics;
}

/** Sends from many at once while the only broker is stopped again and again; then reads the log. */
async function sendThroughStalls(
  cluster: OwnKafka | null,
  topics: TestTopics,
  send: (id: string) => Promise<void>,
): Promise<SendOutcome> {
  const strike = async () => cluster?.stallFor(STALL_MS);
  const plan = { send, strike, strikes: STALLS, concurrency: CONCURRENCY, between: BETWEEN };
  const acknowledged = await sendThrough(plan);
  const log = await openKafkaLog({ ...topics, layout: LAYOUT });
  try {
    const outcome = await outcomeOf(acknowledged, log, FACTS);
    console.log(outcome);
    return outcome;
  } finally {
    await log.close();
  }
}
