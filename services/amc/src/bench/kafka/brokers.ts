import { randomUUID } from "node:crypto";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { type DeliveryMode, openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { Log, TopicLayout } from "@amc/platform/log/port";
import { partitioningInput } from "@amc/platform/runtime/inputs";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";

export type Delivery = DeliveryMode | "transactional-by-kafkajs";

/** Topics of one run, at the brokers under its prefix. */
export interface RunTopics {
  readonly prefix: string;
  readonly layout: readonly TopicLayout[];
  /** One more log on them, as another process would open; closed with the run. */
  readonly open: (delivery: Delivery) => Promise<Log>;
}

/** Of `KAFKA_BROKERS`; the bench command has checked that it is there. */
function kafkaConnection() {
  const brokers = (loadProcessConfig().KAFKA_BROKERS ?? "").split(",");
  return { brokers: brokers.map((address) => address.trim()), clientId: "amc-bench" };
}

export function openOn(
  { prefix, layout }: Pick<RunTopics, "prefix" | "layout">,
  delivery: Delivery,
): Promise<Log> {
  const way =
    delivery === "transactional-by-kafkajs"
      ? ({ delivery: "transactional", transactionsBy: "kafkajs" } as const)
      : { delivery };
  return openKafkaLog({ connection: kafkaConnection(), prefix, layout, ...way });
}

/**
 * Runs a workload on topics of its own, one replica each, with a changelog for each subtopology and
 * each projection. They go afterwards.
 */
export async function onOwnTopics<Result>(
  layout: readonly TopicLayout[],
  topology: readonly Subtopology[],
  work: (topics: RunTopics) => Promise<Result>,
): Promise<Result> {
  const connection = kafkaConnection();
  const prefix = `bench-${randomUUID().slice(0, 8)}.`;
  const groups = topology.map((subtopology) => {
    const input = partitioningInput(subtopology);
    const partitions = layout.find(({ topic }) => topic === input)?.partitions ?? 1;
    return { group: subtopology.name, partitions };
  });
  for (const projection of PROJECTION_NAMES) {
    groups.push({ group: `projector.${projection}`, partitions: 1 });
  }
  const { names } = await provideTopics(connection, { prefix, layout, groups });
  const logs: Log[] = [];
  const open = async (delivery: Delivery): Promise<Log> => {
    const log = await openOn({ prefix, layout }, delivery);
    logs.push(log);
    return log;
  };
  try {
    return await work({ prefix, layout, open });
  } finally {
    await Promise.allSettled(logs.map((log) => log.close()));
    await removeTopics(connection, names);
  }
}
