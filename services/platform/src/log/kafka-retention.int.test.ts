import { randomUUID } from "node:crypto";
import { testPart } from "@amc/stack/testing/test-part";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { FACTS, texts } from "./contract/fixture.ts";
import { Cluster } from "./kafka/cluster.ts";
import { provideTopics, removeTopics } from "./kafka/topics/topic-admin.ts";
import { openKafkaLog } from "./kafka.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";

/**
 * F36 of the reliability notes: what we had still to read is gone, or the topic is another one of the
 * same name. The offset we know then means nothing, and only stopping is right.
 */
const GROUP = "signals";
const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const RECORDS = 10;
/** Where the reader stands. */
const NEXT = 3;
/** Rounds of each kind, as in the full run of the notes. */
const ROUNDS = 10;
const LIMITS = { maxRecords: 100, maxBytes: 1_000_000 };

const kafka = await testPart("kafka");
const DELIVERIES = ["deduplicated", "transactional"] as const;
type Delivery = (typeof DELIVERIES)[number];

interface Standing {
  readonly topics: TestTopics;
  readonly open: () => ReturnType<typeof openKafkaLog>;
}

describe.skipIf(kafka.address === null)(`records that are gone${kafka.skipped}`, () => {
  for (const delivery of DELIVERIES) {
    it(`are named when retention ran past a position, before and after a restart, ${delivery}`, async () => {
      let stopped = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { topics, open } = await standing(delivery);
        const running = await open();
        await truncate(topics, NEXT + 1 + (round % (RECORDS - NEXT)));
        const restarted = await open();
        for (const log of [running, restarted]) {
          const [position] = await log.positions(GROUP, 0);
          expect(position?.next).toBe(NEXT);
          await expect(log.read(FACTS, 0, NEXT, LIMITS)).rejects.toMatchObject({
            code: "log.offset-out-of-range",
            facts: { offset: NEXT },
          });
          stopped += 1;
        }
      }
      console.log({ delivery, rounds: ROUNDS, stopped });
      expect(stopped).toBe(2 * ROUNDS);
    }, 240_000);

    it(`end a running process when the topic is deleted and created anew, ${delivery}`, async () => {
      let stopped = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { topics, open } = await standing(delivery);
        const log = await open();
        const lease = await log.acquire(GROUP, 0);
        const waiting = log.waitFor(FACTS, 0, RECORDS, new AbortController().signal);
        const woken = waiting.catch((error: unknown) => error);
        await replaceTopic(topics, FACTS);
        // As many records as before, so that no offset is out of range.
        await fill(topics, delivery, round % 2 === 0 ? 2 * RECORDS : 0);
        const replaced = { code: "log.topic-replaced" };
        await expect(log.read(FACTS, 0, NEXT, LIMITS)).rejects.toMatchObject(replaced);
        // Who waits may find the topic gone before there is another one; it ends in either case.
        expect(await woken).toMatchObject({
          code: expect.stringMatching(/^log[.](topic-replaced|unknown-topic)$/),
        });
        // What it still writes carries the old topic's id, so nobody takes it for a position in the new.
        const positions = [{ topic: FACTS, partition: 0, next: NEXT + 1 }];
        await Promise.allSettled([log.commit({ lease, appends: [], positions })]);
        await expect(log.acquire(GROUP, 0)).rejects.toMatchObject(replaced);
        stopped += 1;
      }
      console.log({ delivery, rounds: ROUNDS, stopped });
      expect(stopped).toBe(ROUNDS);
    }, 240_000);

    it(`end the owner whose outputs get offsets that it has seen before, ${delivery}`, async () => {
      const { topics, open } = await standing(delivery);
      const log = await open();
      const lease = await log.acquire(GROUP, 0);
      const append = { topic: FACTS, key: "GME", value: Buffer.from("output"), headers: {} };
      await log.commit({ lease, appends: [append] });
      await replaceTopic(topics, FACTS);
      await expect(log.commit({ lease, appends: [append] })).rejects.toMatchObject({
        code: expect.stringMatching(/^log[.](topic-replaced|outcome-unknown)$/),
      });
      await expect(log.acquire(GROUP, 0)).rejects.toMatchObject({ code: "log.topic-replaced" });
    }, 60_000);

    it(`keep the next process from taking over when the topic is another one, ${delivery}`, async () => {
      let stopped = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { topics, open } = await standing(delivery);
        await replaceTopic(topics, FACTS);
        await fill(topics, delivery, 2 * RECORDS);
        const log = await open();
        await expect(log.acquire(GROUP, 0)).rejects.toMatchObject({
          code: "log.topic-replaced",
          facts: { topic: topics.prefix + FACTS },
        });
        stopped += 1;
      }
      console.log({ delivery, rounds: ROUNDS, stopped });
      expect(stopped).toBe(ROUNDS);
    }, 240_000);

    it(`end the owner of a changelog that was deleted and created anew, ${delivery}`, async () => {
      const { topics, open } = await standing(delivery);
      const log = await open();
      const lease = await log.acquire(GROUP, 0);
      await replaceTopic(topics, `state.${GROUP}`);
      const commit = { lease, appends: [], positions: [{ topic: FACTS, partition: 0, next: 4 }] };
      await expect(log.commit(commit)).rejects.toMatchObject({
        code: expect.stringMatching(/^log[.](topic-replaced|outcome-unknown)$/),
      });
      await expect(log.acquire(GROUP, 0)).rejects.toMatchObject({ code: "log.topic-replaced" });
    }, 60_000);
  }

  it("are jumped over in silence by a stock consumer, which the same check calls a jump", async () => {
    const { topics } = await standing("deduplicated");
    await truncate(topics, 8);
    expect(await stockConsumerFrom(topics, NEXT)).toBe("record 8");
    await replaceTopic(topics, FACTS);
    await fill(topics, "deduplicated", 2 * RECORDS);
    // Another record than the one that was at this offset, and nobody was told.
    expect(await stockConsumerFrom(topics, NEXT)).toBe("record 3");
  }, 60_000);
});

/** A topic of ten records of which a group has taken three. */
async function standing(delivery: Delivery): Promise<Standing> {
  const topics = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
  onTestFinished(topics.remove);
  const open = async () => {
    const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery });
    onTestFinished(() => log.close());
    return log;
  };
  await fill(topics, delivery, RECORDS);
  const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery });
  const lease = await log.acquire(GROUP, 0);
  const positions = [{ topic: FACTS, partition: 0, next: NEXT }];
  await log.commit({ lease, appends: [], positions });
  await log.close();
  return { topics, open };
}

async function fill(topics: TestTopics, delivery: Delivery, records: number): Promise<void> {
  if (records === 0) return;
  const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery });
  await log.commit({
    appends: Array.from({ length: records }, (_, index) => ({
      topic: FACTS,
      key: "GME",
      value: Buffer.from(`record ${index}`),
      headers: {},
    })),
  });
  expect(texts([...(await log.read(FACTS, 0, 0, LIMITS))])).toHaveLength(records);
  await log.close();
}

/** As a broker does it when records have outlived their time, without a word to us. */
async function truncate({ connection, prefix }: TestTopics, offset: number): Promise<void> {
  const cluster = new Cluster(connection);
  await cluster.truncateBefore(prefix + FACTS, 0, offset);
  await cluster.close();
}

async function replaceTopic({ connection, prefix }: TestTopics, topic: string): Promise<void> {
  const cluster = new Cluster(connection);
  const before = await cluster.topicId(prefix + topic);
  await cluster.close();
  await removeTopics(connection, [prefix + topic]);
  const isChangelog = topic.startsWith("state.");
  const wanted = {
    prefix,
    layout: isChangelog ? [] : LAYOUT,
    groups: isChangelog ? [{ group: GROUP, partitions: 1 }] : [],
  };
  await expect
    .poll(
      async () => {
        await provideTopics(connection, wanted);
        const now = new Cluster(connection);
        const id = await now.topicId(prefix + topic);
        await now.close();
        return id;
      },
      { timeout: 30_000 },
    )
    .not.toBe(before);
}

/** What kafkajs, with its defaults, hands out first when it is to go on at an offset. */
async function stockConsumerFrom(topics: TestTopics, offset: number): Promise<string> {
  const client = new Kafka({
    brokers: [...topics.connection.brokers],
    logLevel: logLevel.NOTHING,
  });
  const topic = topics.prefix + FACTS;
  const groupId = `${topics.prefix}stock-${randomUUID()}`;
  const admin = client.admin();
  await admin.connect();
  await admin.setOffsets({
    groupId,
    topic,
    partitions: [{ partition: 0, offset: String(offset) }],
  });
  await admin.disconnect();
  const consumer = client.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  await consumer.run({
    eachMessage: async ({ message }) => resolve(message.value?.toString() ?? ""),
  });
  try {
    return await promise;
  } finally {
    await consumer.disconnect();
  }
}
