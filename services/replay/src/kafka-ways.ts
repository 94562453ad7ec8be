import { randomUUID } from "node:crypto";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { createKafkaTopics, removeKafkaTopics } from "@amc/platform/log/kafka/topics";
import { partitioningInput } from "@amc/platform/runtime/inputs";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { Store, Way } from "./verify-ways.ts";

type Delivery = "deduplicated" | "transactional";

/**
 * The ways through a Kafka cluster: each under a prefix of its own, whose topics are removed at its
 * end, so that a cluster in use is not touched.
 */
export function kafkaWays(brokers: readonly string[], topology: readonly Subtopology[]): Way[] {
  const through = (delivery: Delivery) => (partitions: number) =>
    kafkaStore(brokers, topology, delivery, partitions);
  const deduplicated = through("deduplicated");
  return [
    ...[1, 4, 12].map((partitions) => ({
      name: `Kafka, ${partitions} partition${partitions === 1 ? "" : "s"}, three instances`,
      ...{ partitions, instances: 3, projectors: 2, makeStore: deduplicated },
    })),
    {
      name: "Kafka, stopped and resumed",
      ...{ partitions: 4, makeStore: deduplicated, restartEvery: 3 },
      batch: { maxTicks: 64, maxRecords: 2_000 },
    },
    {
      name: "Kafka, 4 partitions, transactional",
      ...{ partitions: 4, instances: 3, projectors: 2, makeStore: through("transactional") },
    },
  ];
}

async function kafkaStore(
  brokers: readonly string[],
  topology: readonly Subtopology[],
  delivery: Delivery,
  partitions: number,
): Promise<Store> {
  const connection = { brokers, clientId: "amc-verify" };
  const prefix = `verify-${randomUUID().slice(0, 8)}.`;
  const layout = systemLayout(partitions);
  const partitionsOf = new Map(layout.map((topic) => [topic.topic, topic.partitions]));
  const groups = topology.map((subtopology) => ({
    group: subtopology.name,
    partitions: partitionsOf.get(partitioningInput(subtopology)) ?? partitions,
  }));
  const topics = await createKafkaTopics({ connection, prefix, layout, groups, replicas: 1 });
  return {
    open: () => openKafkaLog({ connection, prefix, layout, delivery }),
    remove: () => removeKafkaTopics(connection, topics),
  };
}
