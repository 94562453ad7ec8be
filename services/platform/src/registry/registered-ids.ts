import { schemaIdOf } from "@amc/schemas/envelope";
import { isTopicName, type TopicName } from "@amc/schemas/topics";
import type { LogRecord } from "../log/port.ts";
import { classifyFailure } from "../runtime/failure.ts";
import type { RegistryError } from "./errors.ts";
import type { RegistryClient } from "./registry-client.ts";
import { lookUpReleases } from "./releases.ts";
import { UnknownIds } from "./unknown-ids.ts";
import { WireIds } from "./wire-ids.ts";

/** The ids of a registry on the wire, ours inside: what a log needs to translate one to the other. */
export interface RegisteredIds {
  readonly ids: WireIds;
  readonly unknown: Pick<UnknownIds, "judge">;
}

/**
 * Asks a registry for the ids of every release of this build. Throws `registry.unregistered`,
 * `registry.inconsistent` and `registry.unavailable`.
 */
export async function registeredIds(client: RegistryClient): Promise<RegisteredIds> {
  const ids = new WireIds(await lookUpReleases(client));
  return { ids, unknown: new UnknownIds({ client, nowMs: () => performance.now() }) };
}

/**
 * Records as they were read, with our ids in them; their values are rewritten in place. A record
 * whose id the registry gave to nothing of its topic keeps it, and whoever decodes it dead-letters
 * it. Where nobody can say, or a newer build has to read it, the records end in front of it, and the
 * read that begins with it throws `registry.unavailable` or `registry.newer-schema`.
 */
export async function withLocalIds(
  records: readonly LogRecord[],
  { ids, unknown }: RegisteredIds,
): Promise<readonly LogRecord[]> {
  const strangers = strangersAmong(records, ids);
  const obstacles = strangers.size === 0 ? NONE : await obstaclesOf(strangers, unknown);
  const [first, obstacle] = firstObstacle(records, obstacles);
  if (obstacle !== null && first === 0) throw obstacle;
  const readable = obstacle === null ? records : records.slice(0, first);
  for (const { value, unreadable } of readable) {
    if (value !== null && unreadable === undefined) ids.toLocal(value);
  }
  return readable;
}

/** An id that is none of this build's, at a topic of ours. */
interface Stranger {
  readonly topic: TopicName;
  readonly id: number;
}

const NONE: ReadonlyMap<string, Error> = new Map();

function strangerKey(topic: string, id: number | null): string {
  return `${topic} ${id}`;
}

/** The first record that cannot be handed on, and why; null when all can. */
function firstObstacle(
  records: readonly LogRecord[],
  obstacles: ReadonlyMap<string, Error>,
): readonly [number, Error | null] {
  if (obstacles.size > 0) {
    for (const [index, { topic, value }] of records.entries()) {
      const id = value === null ? null : schemaIdOf(value);
      const obstacle = obstacles.get(strangerKey(topic, id));
      if (obstacle !== undefined) return [index, obstacle];
    }
  }
  return [records.length, null];
}

/** Each once, by `strangerKey`. Dead letters hold what they hold: nobody decodes them. */
function strangersAmong(
  records: readonly LogRecord[],
  ids: WireIds,
): ReadonlyMap<string, Stranger> {
  const strangers = new Map<string, Stranger>();
  for (const { topic, value, unreadable } of records) {
    const id = value === null || unreadable !== undefined ? null : schemaIdOf(value);
    if (id === null || ids.isKnown(id) || !isTopicName(topic)) continue;
    strangers.set(strangerKey(topic, id), { topic, id });
  }
  return strangers;
}

/**
 * What keeps records from being handed on, by their strangers; those that may be dead-lettered are not
 * in it. All are judged at once: one after the other, eleven of them would take longer than a watchdog
 * waits for a batch.
 */
async function obstaclesOf(
  strangers: ReadonlyMap<string, Stranger>,
  unknown: RegisteredIds["unknown"],
): Promise<ReadonlyMap<string, Error>> {
  const obstacles = new Map<string, Error>();
  const judged = [...strangers].map(async ([key, { topic, id }]) => {
    const obstacle = await obstacleOf(() => unknown.judge(topic, id));
    if (obstacle !== null) obstacles.set(key, obstacle);
  });
  await Promise.all(judged);
  return obstacles;
}

/** What keeps a record from being handed on; null when it may be dead-lettered. */
async function obstacleOf(judge: () => Promise<RegistryError>): Promise<Error | null> {
  try {
    const verdict = await judge();
    return classifyFailure(verdict) === "poison" ? null : verdict;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
