import { Admin } from "@platformatic/kafka";
import { LogError } from "../errors.ts";
import { MAX_RECORD_BYTES, type TopicLayout } from "../port.ts";
import { brokerFailure, isBrokerError, untilAnswered } from "./broker-failure.ts";
import { clientOptions, type KafkaConnection } from "./client-options.ts";
import { Cluster } from "./cluster.ts";
import { changelogTopic } from "./unit-records.ts";

/** A batch of 8 MiB holds the largest value of state. */
const CHANGELOG_BATCH_BYTES = 8 * 1_048_576;
/** What a zombie wrote can be repaired for so long before compaction takes the value that counts. */
const COMPACTION_LAG_MS = 86_400_000;

export interface TopicsWanted {
  readonly connection: KafkaConnection;
  readonly prefix?: string;
  readonly layout: readonly TopicLayout[];
  /** Groups of consumers with the number of their work units, each of which needs a changelog. */
  readonly groups: readonly { readonly group: string; readonly partitions: number }[];
  readonly replicas: number;
  /** Further settings of a topic of the layout, such as its retention. */
  readonly configOf?: (topic: string) => Readonly<Record<string, string>>;
}

/** Creates what is missing, changes nothing that is there, and returns the names of all topics. */
export async function createKafkaTopics(wanted: TopicsWanted): Promise<string[]> {
  const { connection, layout, groups, replicas, prefix = "", configOf = () => ({}) } = wanted;
  const topics = [
    ...layout.map(({ topic, partitions }) => ({
      name: prefix + topic,
      partitions,
      config: { ...LOG_CONFIG, ...configOf(topic) },
    })),
    ...groups.map(({ group, partitions }) => ({
      name: prefix + changelogTopic(group),
      partitions,
      config: CHANGELOG_CONFIG,
    })),
  ];
  const admin = new Admin(clientOptions(connection));
  try {
    for (const { name, partitions, config } of topics) {
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
      await createTopic(admin, { topic: name, partitions, replicas, configs });
    }
    await untilKnown(
      connection,
      topics.map(({ name }) => name),
    );
  } finally {
    await admin.close();
  }
  return topics.map(({ name }) => name);
}

/** Removes topics for good, with all that is in them. */
export async function removeKafkaTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<void> {
  const admin = new Admin(clientOptions(connection));
  try {
    await admin.deleteTopics({ topics: [...topics] });
  } finally {
    await admin.close();
  }
}

/** A broker answers that it has created a topic some milliseconds before it knows it, on a busy machine seconds. */
async function untilKnown(connection: KafkaConnection, topics: readonly string[]): Promise<void> {
  const cluster = new Cluster(connection);
  try {
    for (const topic of topics) {
      const ask = async () => {
        if ((await cluster.partitionCount(topic)) > 0) return cluster.home(topic, 0);
        throw new LogError("log.unavailable", `no broker knows ${topic} yet`, { topic });
      };
      await untilAnswered(ask, () => cluster.forget(), { topic });
    }
  } finally {
    await cluster.close();
  }
}

/** Times are append times: a time-based retention would delete history that is played again. */
const LOG_CONFIG = {
  "message.timestamp.type": "LogAppendTime",
  "cleanup.policy": "delete",
  "retention.ms": "-1",
  "max.message.bytes": String(4 * MAX_RECORD_BYTES),
};

const CHANGELOG_CONFIG = {
  "cleanup.policy": "compact",
  "min.compaction.lag.ms": String(COMPACTION_LAG_MS),
  "max.message.bytes": String(CHANGELOG_BATCH_BYTES),
};

async function createTopic(
  admin: Admin,
  {
    topic,
    partitions,
    replicas,
    configs,
  }: {
    readonly topic: string;
    readonly partitions: number;
    readonly replicas: number;
    readonly configs: { name: string; value: string }[];
  },
): Promise<void> {
  try {
    await admin.createTopics({ topics: [{ topic, partitions, replicas }], configs });
  } catch (error) {
    if (isBrokerError(error, "TOPIC_ALREADY_EXISTS")) return;
    const failure = brokerFailure(error, "log.unavailable", { topic, partitions });
    throw new LogError(
      failure.code,
      `${topic} was not created: ${failure.message}`,
      failure.facts,
      {
        cause: error,
      },
    );
  }
}
