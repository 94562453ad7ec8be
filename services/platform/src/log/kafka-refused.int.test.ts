import { testPart } from "@amc/stack/testing/test-part";
import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { classifyFailure } from "../runtime/failure.ts";
import { FACTS, readAll } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";

const GROUP = "signals";
const LAYOUT = [{ topic: FACTS, partitions: 1 }];

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`a write that the brokers refuse${kafka.skipped}`, () => {
  for (const { name, ...way } of KAFKA_WAYS) {
    it(`ends the process with what mends it, ${name}`, async () => {
      const topics = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
      onTestFinished(topics.remove);
      const log = await openKafkaLog({ ...topics, layout: LAYOUT, ...way });
      onTestFinished(() => log.close());
      const lease = await log.acquire(GROUP, 0);
      const record = { topic: FACTS, partition: 0, key: "GME", headers: {} };
      const large = { ...record, value: Buffer.alloc(20_000, 7) };
      await allowBatchesOf(topics, 10_000);
      // The broker takes up a setting a moment after it has confirmed it.
      let taken = 0;
      const untilRefused = async (): Promise<never> => {
        for (;;) {
          await log.commit({ lease, appends: [large] });
          taken += 1;
        }
      };
      const refused = await untilRefused().catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: "log.refused",
        message: expect.stringContaining("npm run amc -- topics check"),
      });
      expect(classifyFailure(refused)).toBe("fatal");

      // Once the operator has mended the topic the next owner goes on, and nothing is lost or there twice.
      await allowBatchesOf(topics, 1_000_000);
      const again = async () => {
        const appends = [large];
        const commit = log.commit({ lease: await log.acquire(GROUP, 0), appends });
        return await commit.then(() => "written").catch((error: unknown) => error);
      };
      await expect.poll(again, { timeout: 20_000 }).toBe("written");
      expect(await readAll(log, FACTS, 0)).toHaveLength(taken + 1);
    }, 60_000);
  }
});

async function allowBatchesOf({ connection, prefix }: TestTopics, bytes: number): Promise<void> {
  const client = new Kafka({ brokers: [...connection.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  try {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: prefix + FACTS,
          configEntries: [{ name: "max.message.bytes", value: String(bytes) }],
        },
      ],
    });
  } finally {
    await admin.disconnect();
  }
}
