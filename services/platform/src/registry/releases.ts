import { isDeepStrictEqual } from "node:util";
import { releasedSchema } from "@amc/schemas/released-schema";
import { type Release, releasesOf } from "@amc/schemas/schema-ids";
import { TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";
import { RegistryError } from "./errors.ts";
import type { RegistryClient } from "./registry-client.ts";
import type { IdPair } from "./wire-ids.ts";

/** A reader of the newest version reads what any earlier one wrote. */
export const COMPATIBILITY = "BACKWARD_TRANSITIVE";

/** Where stock serialisers look for the values of a topic. */
export function subjectOf(topic: TopicName): string {
  return `${topic}-value`;
}

/** A released schema and its text, by default those of this build. */
export interface ReleasedSchema extends Release {
  readonly schema: string;
}

export function releasedSchemas(): readonly ReleasedSchema[] {
  return TOPIC_NAMES.flatMap((topic) =>
    releasesOf(topic).map((release) => ({ ...release, schema: releasedSchema(release) })),
  );
}

/**
 * Registers every release, oldest version first, under a rule that the registry holds later ones to.
 * May be repeated. Throws `registry.incompatible` at the first version that the rule refuses.
 */
export async function registerReleases(
  client: RegistryClient,
  releases = releasedSchemas(),
): Promise<readonly IdPair[]> {
  const pairs: IdPair[] = [];
  const ruled = new Set<string>();
  for (const { id, topic, schema } of releases) {
    const subject = subjectOf(topic);
    // Before the first version where the registry takes a rule that early, so that an existing
    // subject without one cannot let an incompatible version slip in.
    if (!ruled.has(subject)) await client.setCompatibility(subject, COMPATIBILITY);
    pairs.push({ local: id, registry: await client.register(subject, schema) });
    if (!ruled.has(subject)) await ensureCompatibility(client, subject);
    ruled.add(subject);
  }
  return pairs;
}

/** Apicurio acknowledges a rule for a subject that does not exist yet, and forgets it. */
async function ensureCompatibility(client: RegistryClient, subject: string): Promise<void> {
  if ((await client.compatibilityOf(subject)) === COMPATIBILITY) return;
  await client.setCompatibility(subject, COMPATIBILITY);
  const rule = await client.compatibilityOf(subject);
  if (rule === COMPATIBILITY) return;
  const message = `${subject} does not keep the rule ${COMPATIBILITY}`;
  throw new RegistryError("registry.refused", message, { subject, rule: rule ?? "none" });
}

/**
 * The registry's ids of every release, for a process that may not register. Each is asked for in
 * both directions, so that a registry that was restored or replaced cannot hand out ids of other
 * schemas. Throws `registry.unregistered` and `registry.inconsistent`.
 */
export async function lookUpReleases(
  client: RegistryClient,
  releases = releasedSchemas(),
): Promise<readonly IdPair[]> {
  const pairs: IdPair[] = [];
  for (const { id, topic, version, schema } of releases) {
    const facts = { subject: subjectOf(topic), version };
    const registry = await client.lookUp(facts.subject, schema);
    if (registry === null) {
      const message = `version ${version} of ${topic} is not registered; run: amc schemas register`;
      throw new RegistryError("registry.unregistered", message, facts);
    }
    const known = await client.schemaOf(registry);
    if (known === null || !isSameSchema(known, schema)) {
      const message = `id ${registry} is not the schema of version ${version} of ${topic}`;
      throw new RegistryError("registry.inconsistent", message, { ...facts, id: registry });
    }
    pairs.push({ local: id, registry });
  }
  return pairs;
}

/** Apicurio gives a text back laid out anew, its attributes in Avro's own order. */
function isSameSchema(left: string, right: string): boolean {
  if (left === right) return true;
  try {
    return isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
  } catch {
    return false;
  }
}

/** Releases that the registry would refuse or take for another schema; it changes nothing. */
export async function incompatibleReleases(
  client: RegistryClient,
  releases = releasedSchemas(),
): Promise<readonly ReleasedSchema[]> {
  const refused: ReleasedSchema[] = [];
  for (const release of releases) {
    if (!(await wouldTake(client, release))) refused.push(release);
  }
  return refused;
}

/**
 * Apicurio finds a schema by one that differs in no more than a default of null: services would end with
 * `registry.inconsistent`, and a reader without that default cannot read what was written before.
 */
async function wouldTake(
  client: RegistryClient,
  { topic, schema }: ReleasedSchema,
): Promise<boolean> {
  const subject = subjectOf(topic);
  const id = await client.lookUp(subject, schema);
  if (id === null) return await client.isCompatible(subject, schema);
  const known = await client.schemaOf(id);
  return known !== null && isSameSchema(known, schema);
}
