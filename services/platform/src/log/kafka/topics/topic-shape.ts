import { isTopicName, TOPICS } from "@amc/schemas/topics";
import { CHANGELOG_CONFIG, changelogTopic } from "../../changelog-topic.ts";
import { MAX_RECORD_BYTES, type TopicLayout } from "../../port.ts";

/** A topic as a cluster must have it. */
export interface TopicShape {
  /** With the prefix of its installation. */
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Kafka's names and words. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicsWanted {
  /** Put before every name, where several installations share a cluster. */
  readonly prefix?: string;
  readonly layout: readonly TopicLayout[];
  /** Groups with the number of their work units, each of which needs a partition of the changelog. */
  readonly groups: readonly { readonly group: string; readonly partitions: number }[];
  /** `ENABLE_SHORT_INTEREST_COMPRESSION`: whether brokers keep the history of short interest compressed; true by default. */
  readonly compressesShortInterest?: boolean;
}

export interface Replication {
  readonly replicas: number;
  /** How many of them must have a record before it is acknowledged. */
  readonly minInsync: number;
}

/** How many copies a cluster of so many brokers keeps: one broker may be lost where there are three. */
export function replicationOf(brokers: number): Replication {
  return { replicas: Math.min(brokers, 3), minInsync: brokers >= 3 ? 2 : 1 };
}

/** Every topic that is wanted, changelogs last. */
export function topicShapes(
  { prefix = "", layout, groups, compressesShortInterest = true }: TopicsWanted,
  replication: Replication,
): TopicShape[] {
  const { replicas } = replication;
  return [
    ...layout.map(({ topic, partitions }) => ({
      topic: prefix + topic,
      partitions,
      replicas,
      settings: {
        ...safety(replication),
        ...recordSettings(topic),
        ...compression(topic, compressesShortInterest),
      },
    })),
    ...groups.map(({ group, partitions }) => ({
      topic: prefix + changelogTopic(group),
      partitions,
      replicas,
      settings: { ...safety(replication), ...CHANGELOG_CONFIG },
    })),
  ];
}

const DAY_MS = 86_400_000;
const KEPT_FOR_EVER = "-1";

/**
 * Of one batch, because that is what Kafka applies it to: a message is at most 256 KB, which the codec
 * sees to, and a commit of many belongs into few batches.
 */
const MAX_BATCH_BYTES = 16 * MAX_RECORD_BYTES;

function safety({ minInsync }: Replication) {
  return {
    // A record of 2021 is younger than a limit of 30 days when it was appended today. By the time
    // it carries, it would be deleted while it is being read.
    "message.timestamp.type": "LogAppendTime",
    "min.insync.replicas": String(minInsync),
    "unclean.leader.election.enable": "false",
  };
}

/** Every topic about short interest, and its dead letters: `short.interest.v1` and the like. */
const SHORT_INTEREST_TOPICS = "short.";

/**
 * By the broker, which packs each batch as it comes: a whole market's reports are the same few words again and
 * again. gzip, because every client and every build of Kafka has it. Rows of the tables are too short for
 * PostgreSQL to compress, below 2 kB each.
 */
function compression(topic: string, isWanted: boolean): Readonly<Record<string, string>> {
  if (!topic.startsWith(SHORT_INTEREST_TOPICS)) return {};
  return { [COMPRESSION_SETTING]: isWanted ? "gzip" : "producer" };
}

/** Kafka's name of how a topic is packed: a difference in it makes nothing wrong. */
export const COMPRESSION_SETTING = "compression.type";

/** As the topic table says; dead letters stay until somebody has looked at them. */
function recordSettings(topic: string) {
  const spec = isTopicName(topic) ? TOPICS[topic] : { compacted: false, retentionDays: null };
  return {
    "cleanup.policy": spec.compacted ? "compact" : "delete",
    "retention.ms":
      spec.retentionDays === null ? KEPT_FOR_EVER : String(spec.retentionDays * DAY_MS),
    "retention.bytes": KEPT_FOR_EVER,
    "max.message.bytes": String(MAX_BATCH_BYTES),
  };
}
