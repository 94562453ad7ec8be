import { randomUUID } from "node:crypto";
import { openKafkaLog } from "@amc/platform/log/kafka";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { RegisteredIds } from "@amc/platform/registry/registered-ids";
import { partitioningInput } from "@amc/platform/runtime/inputs";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import type { Store, Way } from "./verify-ways.ts";

type Delivery = "deduplicated" | "transactional";

/** A cluster and what is processed on it. */
export interface KafkaWaysOptions {
  readonly connection: KafkaConnection;
  readonly topology: readonly Subtopology[];
  /** Ids of a registry, for one more way; null where there is none. */
  readonly wireIds: RegisteredIds | null;
}

interface StoreOptions extends KafkaWaysOptions {
  readonly delivery: Delivery;
}

/**
 * The ways through a Kafka cluster: each under a prefix of its own, whose topics are removed at its
 * end, so that a cluster in use is not touched.
 */
export function kafkaWays(options: KafkaWaysOptions): Way[] {
  const through = (delivery: Delivery, wireIds: RegisteredIds | null) => (partitions: number) =>
    kafkaStore({ ...options, delivery, wireIds }, partitions);
  const deduplicated = through("deduplicated", null);
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
      ...{ partitions: 4, instances: 3, projectors: 2, makeStore: through("transactional", null) },
    },
    ...(options.wireIds === null ? [] : [registeredWay(through("deduplicated", options.wireIds))]),
  ];
}

function registeredWay(makeStore: Way["makeStore"]): Way {
  const name = "Kafka, 4 partitions, the registry's ids";
  return { name, partitions: 4, instances: 3, projectors: 2, makeStore };
}

async function kafkaStore(
  { connection, topology, delivery, wireIds }: StoreOptions,
  partitions: number,
): Promise<Store> {
  const prefix = `verify-${randomUUID().slice(0, 8)}.`;
  const layout = systemLayout(partitions);
  const partitionsOf = new Map(layout.map((topic) => [topic.topic, topic.partitions]));
  const groups = topology.map((subtopology) => ({
    group: subtopology.name,
    partitions: partitionsOf.get(partitioningInput(subtopology)) ?? partitions,
  }));
  const projectors = PROJECTION_NAMES.map((name) => ({
    group: `projector.${name}`,
    partitions: 1,
  }));
  const { names } = await provideTopics(connection, {
    ...{ prefix, layout },
    groups: [...groups, ...projectors],
  });
  return {
    open: () =>
      openKafkaLog({
        ...{ connection, prefix, layout, delivery },
        ...(wireIds === null ? {} : { wireIds }),
      }),
    remove: () => removeTopics(connection, names),
  };
}
