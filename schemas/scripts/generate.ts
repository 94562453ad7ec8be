import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TOPIC_NAMES, TOPICS } from "../src/topics.ts";
import { asyncapiText } from "./asyncapi-text.ts";
import { codecsText } from "./codecs-text.ts";
import {
  currentSchemas,
  frozenPath,
  GENERATED_HEADER,
  newestRelease,
  type ReleaseRow,
  readSchema,
  releaseRows,
  SCHEMAS_ROOT,
  type SchemaFile,
  sameSchema,
} from "./schema-files.ts";
import { TypeScriptWriter } from "./typescript-writer.ts";

/**
 * Writes `src/generated` from `avro`: the TypeScript types, the schemas, the ids of all releases, the
 * encoders and decoders, and the AsyncAPI document. Run `npm run generate`; with `--check` it only
 * compares, and exits 1 on drift.
 */

function typesText(files: readonly SchemaFile[]): string {
  const writer = new TypeScriptWriter();
  const byName = files.map((file) => `  "${file.fullName}": ${writer.reference(file.schema)};\n`);
  return (
    GENERATED_HEADER +
    [...writer.declarations.values()].join("\n") +
    `\n/** Value type of every schema by its full name. */\n` +
    `export interface EventBySchema {\n${byName.join("")}}\n`
  );
}

function schemasText(files: readonly SchemaFile[]): string {
  const rows = files.map((file) => `  "${file.fullName}": ${JSON.stringify(file.schema)},\n`);
  return `${GENERATED_HEADER}export const SCHEMAS = {\n${rows.join("")}} as const;\n`;
}

/** Ids and versions only: the schemas themselves stay in `avro/history`. */
function releasesText(releases: readonly ReleaseRow[]): string {
  const rows = releases.map(
    (row) => `  { id: ${row.id}, topic: "${row.topic}", version: ${row.version} },\n`,
  );
  return (
    `${GENERATED_HEADER}/** Every schema version that was ever released, in the order of their ids. */\n` +
    `export const RELEASES = [\n${rows.join("")}] as const;\n`
  );
}

/** What is generated must be what is released: bytes carry the id of a frozen file. */
function refuseUnreleased(
  files: readonly SchemaFile[],
  releases: readonly ReleaseRow[],
  root: string,
): void {
  for (const topic of TOPIC_NAMES) {
    const newest = newestRelease(releases, topic);
    const current = files.find((file) => file.fullName === TOPICS[topic].schema);
    const frozen = newest && readSchema(frozenPath(newest, root)).schema;
    if (current === undefined || frozen === undefined || !sameSchema(frozen, current.schema)) {
      throw new Error(
        `the value of ${topic} differs from its newest release: run node schemas/scripts/freeze.ts`,
      );
    }
  }
}

function render(root: string): Map<string, string> {
  const files = currentSchemas(root);
  const releases = releaseRows(root);
  refuseUnreleased(files, releases, root);
  return new Map([
    ["events.ts", typesText(files)],
    ["schemas.ts", schemasText(files)],
    ["releases.ts", releasesText(releases)],
    ["codecs.ts", codecsText(files, releases, root)],
    ["asyncapi.json", asyncapiText(files, releases)],
  ]);
}

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    root: { type: "string", default: SCHEMAS_ROOT },
  },
});
const { check, root } = options;
const output = join(root, "src", "generated");
mkdirSync(output, { recursive: true });
for (const [name, text] of render(root)) {
  const path = join(output, name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${name} is stale: run npm run generate and commit the result\n`);
    process.exitCode = 1;
  }
}
