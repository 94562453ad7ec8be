import type { Variables } from "@amc/platform/config/variables";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import {
  describeDifference,
  mendOf,
  type TopicDifference,
} from "@amc/platform/log/kafka/topics/drift";
import { checkTopics, type TopicsState } from "@amc/platform/log/kafka/topics/topic-admin";
import type { TopicsWanted } from "@amc/platform/log/kafka/topics/topic-shape";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";

/** The topics of the installation that the configuration names. */
export function configuredTopics(variables: Variables): TopicsWanted {
  const { KAFKA_TOPIC_PREFIX: prefix, AMC_PARTITIONS } = variables;
  return {
    prefix,
    compressesShortInterest: variables.ENABLE_SHORT_INTEREST_COMPRESSION,
    layout: systemLayout(AMC_PARTITIONS),
    groups: systemGroups(AMC_PARTITIONS),
  };
}

/** What topics are not as the topic table says, and what mends it. */
export interface TopicDrift {
  readonly absent: number;
  /** Settings that differ, over all topics. */
  readonly differing: number;
  /** The first few of both, in words. */
  readonly shown: readonly string[];
  readonly mends: readonly string[];
}

/** Compares, and changes nothing. Throws `log.unavailable` and `log.refused`. */
export async function topicDrift(
  connection: KafkaConnection,
  variables: Variables,
): Promise<TopicDrift> {
  const { absent, differences } = await checkTopics(connection, configuredTopics(variables));
  const texts = [
    ...absent.map((topic) => `${topic} does not exist`),
    ...differences.map(describeDifference),
  ];
  const mends = [...mendsOf(absent, differences)];
  const counts = { absent: absent.length, differing: differences.length };
  return { ...counts, shown: texts.slice(0, SHOWN), mends };
}

/** More than these are read with `topics check`. */
const SHOWN = 3;

/** Each once: what creates absent topics, and what sets the differences right. */
export function mendsOf(
  absent: TopicsState["absent"],
  differences: readonly TopicDifference[],
): ReadonlySet<string> {
  const creation = absent.length > 0 ? ["npm run amc -- topics check --create"] : [];
  return new Set([...creation, ...differences.map(mendOf)]);
}
