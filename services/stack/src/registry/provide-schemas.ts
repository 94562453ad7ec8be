import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TOPIC_NAMES, TOPICS, type TopicName } from "@amc/schemas/topics";
import { readCompatibility, registerSchema, setCompatibility } from "./registry-client.ts";

/** A reader of the newest version reads what any earlier one wrote. */
const RULE = "BACKWARD_TRANSITIVE";

const HISTORY = fileURLToPath(new URL("../../../../schemas/avro/history", import.meta.url));

export interface SchemasReport {
  readonly subjects: number;
  readonly rule: string;
}

/** The subject under which stock serialisers look for the values of a topic. */
function subjectOf(topic: TopicName): string {
  return `${topic}-value`;
}

/** Every released version of every topic, in order, each checked by the registry against the others. */
export async function provideSchemas(url: string): Promise<SchemasReport> {
  for (const topic of TOPIC_NAMES) {
    const subject = subjectOf(topic);
    for (const [index, schema] of releasedVersions(TOPICS[topic].schema).entries()) {
      await registerSchema(url, subject, schema);
      // A subject takes a rule of its own once it exists, and without one anything goes.
      if (index === 0 && (await readCompatibility(url, subject)) !== RULE) {
        await setCompatibility(url, subject, RULE);
      }
    }
  }
  return { subjects: TOPIC_NAMES.length, rule: RULE };
}

/** Texts of the frozen versions of a record, the first one first. */
function releasedVersions(record: string): string[] {
  const files = readdirSync(HISTORY).flatMap((file) => {
    const version = versionOf(file, record);
    return version === null ? [] : [{ file, version }];
  });
  return files
    .sort((a, b) => a.version - b.version)
    .map(({ file }) => readFileSync(join(HISTORY, file), "utf8"));
}

/** 2 for `amc.market.PriceTick.v2.avsc`; null for the file of another record. */
function versionOf(file: string, record: string): number | null {
  if (!file.startsWith(`${record}.v`)) return null;
  const version = /^(\d+)[.]avsc$/.exec(file.slice(record.length + 2))?.[1];
  return version === undefined ? null : Number(version);
}
