import { type Admin, ConfigResourceTypes } from "@platformatic/kafka";
import { StackError } from "../errors.ts";
import { openAdmin } from "../kafka/admin.ts";
import { replicationOf } from "../kafka/broker-settings.ts";
import { desiredTopics, type TopicShape } from "./desired-topics.ts";
import { describeDifference, topicDifferences } from "./drift.ts";

export interface TopicsReport {
  readonly created: readonly string[];
  readonly present: number;
}

const ADMIN_RETRIES = 5;
const SHOWN_DIFFERENCES = 10;

/**
 * Creates the topics of the table that a cluster does not have. What it has must be as the table
 * says: nothing is changed by itself, because fewer partitions cannot be had and more move keys.
 *
 * @throws StackError `stack.topics-differ`, naming topic, setting, is and should
 */
export async function provideTopics(
  brokers: readonly string[],
  partitions: number,
): Promise<TopicsReport> {
  const admin = openAdmin(brokers, ADMIN_RETRIES);
  try {
    const cluster = await admin.metadata({ topics: [], forceUpdate: true });
    const desired = desiredTopics(partitions, replicationOf(cluster.brokers.size));
    const names = new Set(await admin.listTopics());
    const absent = desired.filter(({ topic }) => !names.has(topic));
    const present = desired.filter(({ topic }) => names.has(topic));
    refuseDrift(desired, await readTopics(admin, present));
    await createTopics(admin, absent);
    return { created: absent.map(({ topic }) => topic), present: present.length };
  } finally {
    await admin.close();
  }
}

function refuseDrift(desired: readonly TopicShape[], found: readonly TopicShape[]): void {
  const differences = topicDifferences(desired, found);
  if (differences.length === 0) return;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map(describeDifference);
  const more = differences.length - shown.length;
  throw new StackError(
    "stack.topics-differ",
    [
      `${differences.length} setting(s) of topics are not those of the topic table:`,
      ...shown,
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join("\n  "),
    { part: "kafka", differences: differences.length },
  );
}

/** Settings hold for a whole request, so topics of equal settings are created together. */
async function createTopics(admin: Admin, absent: readonly TopicShape[]): Promise<void> {
  const groups = Map.groupBy(absent, ({ settings }) => JSON.stringify(settings));
  for (const group of groups.values()) {
    const settings = group[0]?.settings ?? {};
    await admin.createTopics({
      topics: group.map(({ topic, partitions, replicas }) => ({ topic, partitions, replicas })),
      configs: Object.entries(settings).map(([name, value]) => ({ name, value })),
    });
  }
}

/** Those topics as the cluster has them, with the settings that are compared. */
async function readTopics(admin: Admin, topics: readonly TopicShape[]): Promise<TopicShape[]> {
  if (topics.length === 0) return [];
  const names = topics.map(({ topic }) => topic);
  const metadata = await admin.metadata({ topics: names, forceUpdate: true });
  const described = await admin.describeConfigs({
    resources: topics.map(({ topic, settings }) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: Object.keys(settings),
    })),
  });
  const settingsOf = new Map(
    described.map(({ resourceName, configs }) => [
      resourceName,
      Object.fromEntries(configs.map(({ name, value }) => [name, value ?? ""])),
    ]),
  );
  return names.map((topic) => {
    const partitions = metadata.topics.get(topic)?.partitions ?? [];
    return {
      topic,
      partitions: partitions.length,
      replicas: partitions[0]?.replicas.length ?? 0,
      settings: settingsOf.get(topic) ?? {},
    };
  });
}
