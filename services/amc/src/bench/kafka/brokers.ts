import { randomUUID } from "node:crypto";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { Log, TopicLayout } from "@amc/platform/log/port";

export type Delivery = "deduplicated" | "transactional";

export interface TopicsOfRun {
  readonly layout: readonly TopicLayout[];
  /** Groups that keep state, each with as many work units as its input has partitions. */
  readonly groups: readonly { readonly group: string; readonly partitions: number }[];
}

/** Opens one more log on the topics of a run, as another process would. */
export type OpenLog = (delivery: Delivery) => Promise<Log>;

/** Of `KAFKA_BROKERS`; the bench command has checked that it is there. */
export function kafkaBrokers(): string[] {
  return (loadProcessConfig().KAFKA_BROKERS ?? "").split(",").map((address) => address.trim());
}

/**
 * Runs a workload on topics of its own, one replica each, that go afterwards. Logs that it opened
 * and did not close are closed.
 */
export async function onOwnTopics<Result>(
  { layout, groups }: TopicsOfRun,
  work: (open: OpenLog) => Promise<Result>,
): Promise<Result> {
  const connection = { brokers: kafkaBrokers(), clientId: "amc-bench" };
  const prefix = `bench-${randomUUID().slice(0, 8)}.`;
  const { names } = await provideTopics(connection, { prefix, layout, groups });
  const logs: Log[] = [];
  const open: OpenLog = async (delivery) => {
    const log = await openKafkaLog({ connection, prefix, layout, delivery });
    logs.push(log);
    return log;
  };
  try {
    return await work(open);
  } finally {
    await Promise.allSettled(logs.map((log) => log.close()));
    await removeTopics(connection, names);
  }
}
