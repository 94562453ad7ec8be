import { schemaIdOf } from "@amc/schemas/envelope";
import { isTopicName } from "@amc/schemas/topics";
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
  for (const [index, { topic, value }] of records.entries()) {
    if (value === null) continue;
    const id = schemaIdOf(value);
    // Dead letters hold what they hold: nobody decodes them.
    if (id !== null && !ids.isKnown(id) && isTopicName(topic)) {
      const obstacle = await obstacleOf(() => unknown.judge(topic, id));
      if (obstacle !== null && index === 0) throw obstacle;
      if (obstacle !== null) return records.slice(0, index);
    }
    ids.toLocal(value);
  }
  return records;
}

/** What keeps a record from being handed on; null when it may be dead-lettered. */
async function obstacleOf(judge: () => Promise<RegistryError>): Promise<unknown> {
  try {
    const verdict = await judge();
    return classifyFailure(verdict) === "poison" ? null : verdict;
  } catch (error) {
    return error;
  }
}
