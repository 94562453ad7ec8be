import { CHANGELOG_CONFIG, changelogTopic } from "@amc/platform/log/changelog-topic";
import { systemLayout } from "@amc/platform/runtime/layout";
import { isTopicName, TOPICS } from "@amc/schemas/topics";
import { workGroups } from "@amc/schemas/work-groups";

/** A topic as a cluster must have it. */
export interface TopicShape {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Kafka's names and words. */
  readonly settings: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
const KEPT_FOR_EVER = "-1";

/**
 * Of one batch, because that is what Kafka applies it to: a message is at most 256 KB, which the codec
 * sees to, and a commit of many belongs into few batches.
 */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

interface Replication {
  readonly replicas: number;
  readonly minInsync: number;
}

/** Every topic of the table with its dead letters, and the changelog of every group that works. */
export function desiredTopics(partitions: number, replication: Replication): TopicShape[] {
  return [...dataTopics(partitions, replication), ...changelogs(partitions, replication)];
}

function changelogs(partitions: number, { replicas, minInsync }: Replication): TopicShape[] {
  return workGroups(partitions).map(({ group, partitions: count }) => ({
    topic: changelogTopic(group),
    partitions: count,
    replicas,
    settings: {
      ...CHANGELOG_CONFIG,
      "min.insync.replicas": String(minInsync),
      "unclean.leader.election.enable": "false",
    },
  }));
}

function dataTopics(partitions: number, replication: Replication): TopicShape[] {
  return systemLayout(partitions).map(({ topic, partitions: count }) => ({
    topic,
    partitions: count,
    replicas: replication.replicas,
    settings: {
      "cleanup.policy": isCompacted(topic) ? "compact" : "delete",
      "retention.ms": retentionMs(topic),
      "retention.bytes": KEPT_FOR_EVER,
      // A record of 2021 is younger than a limit of 30 days when it was appended today. By the time
      // it carries, it would be deleted while it is being read.
      "message.timestamp.type": "LogAppendTime",
      "max.message.bytes": String(MAX_BATCH_BYTES),
      "min.insync.replicas": String(replication.minInsync),
      "unclean.leader.election.enable": "false",
    },
  }));
}

function isCompacted(topic: string): boolean {
  return isTopicName(topic) && TOPICS[topic].compacted;
}

/** Dead letters stay until somebody has looked at them. */
function retentionMs(topic: string): string {
  const days = isTopicName(topic) ? TOPICS[topic].retentionDays : null;
  return days === null ? KEPT_FOR_EVER : String(days * DAY_MS);
}
