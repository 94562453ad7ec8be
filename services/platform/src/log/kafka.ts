import type { RegisteredIds } from "../registry/registered-ids.ts";
import { LogError } from "./errors.ts";
import type { KafkaConnection } from "./kafka/client-options.ts";
import { Cluster } from "./kafka/cluster.ts";
import { DeduplicatedDelivery } from "./kafka/deduplicated.ts";
import type { Delivery } from "./kafka/delivery.ts";
import { KafkaLog } from "./kafka/kafka-log.ts";
import { OwnTransactions } from "./kafka/own-transactions.ts";
import { TransactionalDelivery } from "./kafka/transactional.ts";
import type { Transactions } from "./kafka/transactions.ts";
import type { Restored } from "./kafka/unit.ts";
import { PartitionTable } from "./partition-table.ts";
import type { Log, TopicLayout } from "./port.ts";

export type DeliveryMode = "deduplicated" | "transactional";
export type TransactionWriter = "amc" | "kafkajs";

export interface KafkaLogOptions {
  readonly connection: KafkaConnection;
  /** Topics as they are on the brokers; another count of partitions is refused. */
  readonly layout: readonly TopicLayout[];
  /** What outsiders see of a crash (docs/decisions/kafka-log.md); `deduplicated` when left out. */
  readonly delivery?: DeliveryMode;
  /** Who writes the transactions of transactional delivery; `amc`, our own client, when left out. */
  readonly transactionsBy?: TransactionWriter;
  /** Put before the name of every topic, where several installations share a cluster. */
  readonly prefix?: string;
  /** Values carry the ids of a registry on the wire; the committed ones when left out. */
  readonly wireIds?: RegisteredIds;
  /** Told how much state was read back, and in what time. */
  readonly onRestored?: (restored: Restored) => void;
}

/**
 * The log on a Kafka cluster (why it is built so: docs/decisions/kafka-log.md). A commit is
 * acknowledged when all in-sync replicas have it.
 *
 * Throws `log.unknown-topic` for a topic that is not there, `log.format` for another count of
 * partitions, `log.refused` when the brokers refuse us, `log.unavailable` when none answers.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const { connection, layout, prefix = "", onRestored = () => undefined } = options;
  const table = new PartitionTable(layout, () => null);
  const cluster = new Cluster(connection);
  try {
    for (const topic of layout) await checkTopic(cluster, prefix, topic);
    const delivery = await deliveryOf(options, cluster);
    const { wireIds = null } = options;
    return new KafkaLog({ cluster, delivery, table, prefix, onRestored, wireIds });
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function deliveryOf(options: KafkaLogOptions, cluster: Cluster): Promise<Delivery> {
  const { connection, delivery = "deduplicated", transactionsBy = "amc", prefix = "" } = options;
  if (delivery === "deduplicated") return new DeduplicatedDelivery(connection, cluster);
  const transactions = await transactionsOf(transactionsBy, connection, cluster);
  const { clientId } = connection;
  return new TransactionalDelivery({ cluster, transactions, clientId, prefix });
}

async function transactionsOf(
  writer: TransactionWriter,
  connection: KafkaConnection,
  cluster: Cluster,
): Promise<Transactions> {
  if (writer === "amc") return new OwnTransactions(connection, cluster);
  // Loaded where it is asked for only: nobody else waits for a second client.
  const { KafkajsTransactions } = await import("./kafka/kafkajs/kafkajs-transactions.ts");
  return new KafkajsTransactions(connection);
}

async function checkTopic(cluster: Cluster, prefix: string, layout: TopicLayout): Promise<void> {
  const topic = prefix + layout.topic;
  const partitions = await cluster.partitionCount(topic);
  if (partitions === layout.partitions) return;
  const facts = { topic, partitions, expected: layout.partitions };
  if (partitions === 0) throw new LogError("log.unknown-topic", `Kafka has no ${topic}`, facts);
  throw new LogError(
    "log.format",
    `Topic ${topic} has ${partitions} partitions, expected ${layout.partitions}`,
    facts,
  );
}
