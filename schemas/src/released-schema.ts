import { readFileSync } from "node:fs";
import type { Release } from "./schema-ids.ts";
import { TOPICS } from "./topics.ts";

/** The frozen text of a released schema, to the letter: registries tell texts apart by it. */
export function releasedSchema({ topic, version }: Pick<Release, "topic" | "version">): string {
  const name = `${TOPICS[topic].schema}.v${version}.avsc`;
  return readFileSync(new URL(`../avro/history/${name}`, import.meta.url), "utf8");
}
