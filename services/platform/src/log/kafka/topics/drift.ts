import { CHANGELOG_PACE, COMPACTION_LAG_SETTING } from "../../changelog-topic.ts";
import { COMPRESSION_SETTING, type TopicShape } from "./topic-shape.ts";

/** One way in which a topic is not what the table says. */
export interface TopicDifference {
  readonly topic: string;
  /** `partitions`, `replicas` or a setting of Kafka. */
  readonly setting: string;
  readonly is: string;
  readonly should: string;
}

/** All differences between what a cluster has and what it must have; absent topics are none. */
export function topicDifferences(
  desired: readonly TopicShape[],
  found: readonly TopicShape[],
): TopicDifference[] {
  const foundByName = new Map(found.map((shape) => [shape.topic, shape]));
  return desired.flatMap((should) => {
    const is = foundByName.get(should.topic);
    if (is === undefined) return [];
    const values = new Map(comparedValues(is));
    return comparedValues(should)
      .map(([setting, value]) => ({
        topic: should.topic,
        setting,
        is: values.get(setting) ?? "not set",
        should: value,
      }))
      .filter((difference) => difference.is !== difference.should);
  });
}

function comparedValues(shape: TopicShape): [string, string][] {
  return [
    ["partitions", String(shape.partitions)],
    ["replicas", String(shape.replicas)],
    ...Object.entries(shape.settings),
  ];
}

export function describeDifference({ topic, setting, is, should }: TopicDifference): string {
  return `${topic}: ${setting} is ${is}, should be ${should}`;
}

const MEND_COMMAND = "npm run amc -- topics check --mend";

/**
 * What makes a topic as the table says. Settings can be set; the number of partitions cannot be
 * changed without moving keys, and copies are moved by whoever runs the brokers.
 */
export function mendOf({ setting, is }: TopicDifference): string {
  if (setting === "partitions") {
    return `AMC_PARTITIONS=${is} if the others have as many; else a new installation, because keys would move`;
  }
  if (setting === "replicas") {
    return "kafka-reassign-partitions.sh --execute, with a plan that names the brokers of every partition";
  }
  return MEND_COMMAND;
}

/** Whether everything works with it: a cluster of before is larger than it has to be, and not wrong. */
export function isTolerated({ setting, is, should }: TopicDifference): boolean {
  if (setting === COMPRESSION_SETTING || setting in CHANGELOG_PACE) return true;
  // Later is slower to take over; earlier might take a value that counts.
  return setting === COMPACTION_LAG_SETTING && Number(is) > Number(should);
}

/** Whether `mendTopics` can set it. */
export function isMendable({ setting }: TopicDifference): boolean {
  return setting !== "partitions" && setting !== "replicas";
}
