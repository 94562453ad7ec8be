import { setTimeout as wait } from "node:timers/promises";
import { describe } from "vitest";
import { openKafkaLog } from "./kafka.ts";
import { describeLogContract } from "./log.contract.ts";
import { createTestTopics, testBrokers } from "./testing/kafka-topics.ts";

const BROKERS = testBrokers();

describe.skipIf(BROKERS === null)("Kafka (needs a broker: set KAFKA_BROKERS)", () => {
  describeLogContract("Kafka log, deduplicated", async (layout) => {
    const { connection, prefix, remove } = await createTestTopics(BROKERS ?? [], layout, [
      "signals",
      "dips",
    ]);
    let log = await openKafkaLog({ connection, prefix, layout });
    return {
      log,
      // Append time is the broker's, in milliseconds.
      later: () => wait(2),
      reopen: async () => {
        await log.close();
        log = await openKafkaLog({ connection, prefix, layout });
        return log;
      },
      close: async () => {
        await log.close();
        await remove();
      },
    };
  });
});
