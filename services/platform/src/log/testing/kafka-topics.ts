import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../kafka/client-options.ts";
import { provideTopics, removeTopics } from "../kafka/topics/topic-admin.ts";
import type { TopicLayout } from "../port.ts";

export interface TestTopics {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly remove: () => Promise<void>;
}

/** Topics at the brokers of a test part, under a prefix of their own, so that tests share a cluster and nothing else. */
export async function createTestTopics(
  address: string | null,
  layout: readonly TopicLayout[],
  groups: readonly string[],
): Promise<TestTopics> {
  const connection = { brokers: (address ?? "").split(","), clientId: "amc-test" };
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  const partitions = Math.max(...layout.map((topic) => topic.partitions));
  const { names } = await provideTopics(connection, {
    prefix,
    layout,
    groups: groups.map((group) => ({ group, partitions })),
  });
  return { connection, prefix, remove: () => removeTopics(connection, names) };
}
