import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../kafka/client-options.ts";
import { createKafkaTopics, removeKafkaTopics } from "../kafka/topics.ts";
import type { TopicLayout } from "../port.ts";

/** Brokers that tests may use; null when there are none, which `AMC_REQUIRE_STACK=1` forbids. */
export function testBrokers(): readonly string[] | null {
  const { KAFKA_BROKERS: brokers = "", AMC_REQUIRE_STACK: required } = process.env;
  if (brokers !== "") return brokers.split(",");
  if (required === "1") throw new Error("AMC_REQUIRE_STACK=1, but KAFKA_BROKERS names no broker");
  return null;
}

export interface TestTopics {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly remove: () => Promise<void>;
}

/** Topics under a prefix of their own, so that tests share a cluster and nothing else. */
export async function createTestTopics(
  brokers: readonly string[],
  layout: readonly TopicLayout[],
  groups: readonly string[],
): Promise<TestTopics> {
  const connection = { brokers, clientId: "amc-test" };
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  const partitions = Math.max(...layout.map((topic) => topic.partitions));
  const topics = await createKafkaTopics({
    connection,
    prefix,
    layout,
    groups: groups.map((group) => ({ group, partitions })),
    replicas: 1,
  });
  return { connection, prefix, remove: () => removeKafkaTopics(connection, topics) };
}
