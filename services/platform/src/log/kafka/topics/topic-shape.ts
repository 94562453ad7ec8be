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
  { prefix = "", layout, groups }: TopicsWanted,
  replication: Replication,
): TopicShape[] {
  const { replicas } = replication;
  return [
    ...layout.map(({ topic, partitions }) => ({
      topic: prefix + topic,
      partitions,
      replicas,
      settings: { ...safety(replication), ...recordSettings(topic) },
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
