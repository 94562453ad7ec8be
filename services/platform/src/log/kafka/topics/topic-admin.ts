import { setTimeout as wait } from "node:timers/promises";
import {
  Admin,
  type ClusterMetadata,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
  metadataV12,
} from "@platformatic/kafka";
import { LogError } from "../../errors.ts";
import { brokerFailure, canRetry, isBrokerError, untilAnswered } from "../broker-failure.ts";
import { clientOptions, type KafkaConnection } from "../client-options.ts";
import { Cluster } from "../cluster.ts";
import { Connections } from "../connections.ts";
import {
  describeDifference,
  isMendable,
  isTolerated,
  mendOf,
  type TopicDifference,
  topicDifferences,
} from "./drift.ts";
import { replicationOf, type TopicShape, type TopicsWanted, topicShapes } from "./topic-shape.ts";

const ADMIN_RETRIES = 10;
const RETRY_PAUSE_MS = 200;
const SHOWN_DIFFERENCES = 10;
/** A busy broker took two seconds to know fifty new topics. */
const TAKES_EFFECT_MS = 30_000;
const POLL_MS = 50;

/** How the topics of a cluster stand to those that are wanted. */
export interface TopicsState {
  /** Names of all that are wanted. */
  readonly names: readonly string[];
  readonly absent: readonly string[];
  readonly differences: readonly TopicDifference[];
}

/** Compares, and changes nothing. Throws `log.unavailable` and `log.refused`. */
export function checkTopics(
  connection: KafkaConnection,
  wanted: TopicsWanted,
): Promise<TopicsState> {
  return withAdmin(connection, async (admin) => stateOf(await look(admin, wanted)));
}

/**
 * Creates what a cluster does not have. What it has must be as wanted, but for what only makes it larger, or nothing is
 * created: nothing is changed by itself, because fewer partitions cannot be had and more move keys.
 *
 * Throws `log.topics-differ` with every difference and what mends it, `log.unavailable` and
 * `log.refused`.
 */
export function provideTopics(
  connection: KafkaConnection,
  wanted: TopicsWanted,
): Promise<TopicsState> {
  return withAdmin(connection, async (admin) => {
    const seen = await look(admin, wanted);
    const state = stateOf(seen);
    // An installation of before is larger than it has to be, and works: `topics check` says so.
    refuseDrift(state.differences.filter((difference) => !isTolerated(difference)));
    await createTopics(admin, absentOf(seen));
    await untilKnown(connection, state.absent);
    return state;
  });
}

/**
 * Creates what is absent and sets the settings that differ; what it cannot mend is returned. A
 * shorter retention deletes records: it is for a person to ask for this.
 */
export function mendTopics(
  connection: KafkaConnection,
  wanted: TopicsWanted,
): Promise<TopicsState> {
  return withAdmin(connection, async (admin) => {
    const seen = await look(admin, wanted);
    const { absent, differences } = stateOf(seen);
    await createTopics(admin, absentOf(seen));
    await untilKnown(connection, absent);
    const settable = Map.groupBy(differences.filter(isMendable), ({ topic }) => topic);
    if (settable.size > 0) {
      await admin.incrementalAlterConfigs({
        resources: [...settable].map(([topic, ofTopic]) => ({
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configs: ofTopic.map(({ setting, should }) => ({
            name: setting,
            configOperation: IncrementalAlterConfigOperationTypes.SET,
            value: should,
          })),
        })),
      });
    }
    return await untilMended(admin, wanted);
  });
}

/** The controller notes a setting before the brokers tell of it. */
async function untilMended(admin: Admin, wanted: TopicsWanted): Promise<TopicsState> {
  const startedMs = performance.now();
  for (;;) {
    const state = stateOf(await look(admin, wanted));
    const isMended = state.absent.length === 0 && !state.differences.some(isMendable);
    if (isMended || performance.now() - startedMs > TAKES_EFFECT_MS) return state;
    await wait(POLL_MS);
  }
}

/** Removes topics for good, with all that is in them. */
export async function removeTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<void> {
  await withAdmin(connection, (admin) => admin.deleteTopics({ topics: [...topics] }));
}

async function withAdmin<Result>(
  connection: KafkaConnection,
  ask: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new Admin({
    ...clientOptions({ ...connection, brokers: await answeringFirst(connection) }),
    retries: ADMIN_RETRIES,
    retryDelay: RETRY_PAUSE_MS,
  });
  try {
    return await ask(admin);
  } catch (error) {
    throw brokerFailure(error, "log.unavailable", { brokers: connection.brokers.join(",") });
  } finally {
    await admin.close();
  }
}

/** The admin repeats most requests at its first broker, whether that answers or only lets itself be reached. */
async function answeringFirst(connection: KafkaConnection): Promise<readonly string[]> {
  const connections = new Connections(connection);
  try {
    const first = await connections.ask(async (reached) => {
      await metadataV12.api.async(reached, [], false, false);
      return `${reached.host}:${reached.port}`;
    });
    return [first, ...connection.brokers.filter((address) => address !== first)];
  } catch (error) {
    if (!canRetry(error)) throw brokerFailure(error, "log.unavailable");
    // Nobody answers yet: the admin has more patience, and tells what was the matter.
    return connection.brokers;
  } finally {
    await connections.close();
  }
}

interface Seen {
  readonly desired: readonly TopicShape[];
  readonly found: readonly TopicShape[];
}

async function look(admin: Admin, wanted: TopicsWanted): Promise<Seen> {
  const present = new Set(await admin.listTopics());
  const names = topicShapes(wanted, replicationOf(1)).map(({ topic }) => topic);
  const topics = names.filter((name) => present.has(name));
  const metadata = await admin.metadata({ topics, forceUpdate: true });
  const desired = topicShapes(wanted, replicationOf(brokersOf(metadata)));
  return {
    desired,
    found: await readShapes(
      admin,
      metadata,
      desired.filter(({ topic }) => present.has(topic)),
    ),
  };
}

/** Brokers that are down count: the partitions that they have copies of still name them. */
function brokersOf({ brokers, topics }: ClusterMetadata): number {
  const known = new Set(brokers.keys());
  for (const { partitions } of topics.values()) {
    for (const { replicas } of partitions) for (const id of replicas) known.add(id);
  }
  return known.size;
}

/** Topics as the cluster has them, with the settings that are compared. */
async function readShapes(
  admin: Admin,
  metadata: ClusterMetadata,
  wanted: readonly TopicShape[],
): Promise<TopicShape[]> {
  if (wanted.length === 0) return [];
  const described = await admin.describeConfigs({
    resources: wanted.map(({ topic, settings }) => ({
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
  return wanted.map(({ topic, replicas }) => {
    const partitions = metadata.topics.get(topic)?.partitions ?? [];
    const copies = partitions.map((partition) => partition.replicas.length);
    return {
      topic,
      partitions: partitions.length,
      // One partition that has fewer copies than the others is the one to speak of.
      replicas: copies.find((count) => count !== replicas) ?? replicas,
      settings: settingsOf.get(topic) ?? {},
    };
  });
}

function absentOf({ desired, found }: Seen): TopicShape[] {
  const there = new Set(found.map(({ topic }) => topic));
  return desired.filter(({ topic }) => !there.has(topic));
}

function stateOf(seen: Seen): TopicsState {
  return {
    names: seen.desired.map(({ topic }) => topic),
    absent: absentOf(seen).map(({ topic }) => topic),
    differences: topicDifferences(seen.desired, seen.found),
  };
}

function refuseDrift(differences: readonly TopicDifference[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, SHOWN_DIFFERENCES);
  const more = differences.length - shown.length;
  const mends = new Set(shown.map(mendOf));
  throw new LogError(
    "log.topics-differ",
    [
      `${differences.length} setting(s) of topics are not those of the topic table:`,
      ...shown.map(describeDifference),
      ...(more > 0 ? [`and ${more} more; all of them: npm run amc -- topics check`] : []),
      ...[...mends].map((mend) => `mend: ${mend}`),
    ].join("\n  "),
    { differences: differences.length },
  );
}

/** Settings hold for a whole request, so topics of equal settings are created together. */
async function createTopics(admin: Admin, absent: readonly TopicShape[]): Promise<void> {
  const groups = Map.groupBy(absent, ({ settings }) => JSON.stringify(settings));
  for (const group of groups.values()) {
    const settings = group[0]?.settings ?? {};
    try {
      await admin.createTopics({
        topics: group.map(({ topic, partitions, replicas }) => ({ topic, partitions, replicas })),
        configs: Object.entries(settings).map(([name, value]) => ({ name, value })),
      });
    } catch (error) {
      // Another process was quicker with some of them; brokers create the others all the same.
      if (!isBrokerError(error, "TOPIC_ALREADY_EXISTS")) throw error;
    }
  }
}

/** A topic is made when the controller has noted it; brokers know of it and lead it a moment later. */
async function untilKnown(connection: KafkaConnection, topics: readonly string[]): Promise<void> {
  const cluster = new Cluster(connection);
  try {
    for (const topic of topics) {
      await untilAnswered(
        () => cluster.home(topic, 0),
        () => cluster.forget(),
        { topic },
        TAKES_EFFECT_MS,
      );
    }
  } finally {
    await cluster.close();
  }
}
