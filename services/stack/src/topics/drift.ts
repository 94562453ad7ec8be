import type { TopicShape } from "./desired-topics.ts";

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
    return comparedValues(should)
      .map(([setting, value]) => ({
        topic: should.topic,
        setting,
        is: new Map(comparedValues(is)).get(setting) ?? "not set",
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
