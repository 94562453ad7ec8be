import { RELEASES } from "./generated/releases.ts";
import type { TopicName } from "./topics.ts";

/**
 * The local schema ids: (subject `<topic>-value`, version) to the id in the envelope. They are
 * committed in `avro/history/releases.json`, given out once by `scripts/freeze.ts` and never
 * reused. With a Kafka registry the registry's ids take their place (design.md §4).
 */
export interface Release {
  readonly id: number;
  readonly topic: TopicName;
  readonly version: number;
}

const ROWS: readonly Release[] = RELEASES;

/** Every released version of a topic's value, oldest first. */
export function releasesOf(topic: TopicName): readonly Release[] {
  return ROWS.filter((row) => row.topic === topic).sort((a, b) => a.version - b.version);
}

/** Id of the version that this build writes. */
export function currentSchemaId(topic: TopicName): number {
  const newest = releasesOf(topic).at(-1);
  if (newest === undefined) throw new Error(`no schema of ${topic} was ever released`);
  return newest.id;
}
