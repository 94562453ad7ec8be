import { setTimeout as wait } from "node:timers/promises";
import { testPart } from "@amc/stack/testing/test-part";
import { describe, vi } from "vitest";
import { openKafkaLog } from "./kafka.ts";
import { describeLogContract } from "./log.contract.ts";
import { createTestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";

const kafka = await testPart("kafka");

// Forty histories against a broker take ten seconds, and six times that on a machine that is busy.
vi.setConfig({ testTimeout: 240_000 });

describe.skipIf(kafka.address === null)(`the log on Kafka${kafka.skipped}`, () => {
  for (const { name, ...way } of KAFKA_WAYS) {
    describeLogContract(`Kafka log, ${name}`, async (layout) => {
      const { connection, prefix, remove } = await createTestTopics(kafka.address, layout, [
        "signals",
        "dips",
      ]);
      const open = () => openKafkaLog({ connection, prefix, layout, ...way });
      let log = await open();
      return {
        log,
        // Every transaction leaves a marker behind its records.
        hasGaps: way.delivery === "transactional",
        // Append time is the broker's, in milliseconds.
        later: () => wait(2),
        reopen: async () => {
          await log.close();
          log = await open();
          return log;
        },
        close: async () => {
          await log.close();
          await remove();
        },
      };
    });
  }
});
