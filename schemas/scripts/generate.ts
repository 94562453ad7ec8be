import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  currentSchemas,
  frozenPath,
  newestRelease,
  readSchema,
  releaseRows,
  SCHEMAS_ROOT,
  type SchemaFile,
  sameSchema,
} from "./schema-files.ts";
import { TypeScriptWriter } from "./typescript-writer.ts";

/**
 * Writes `src/generated` from `avro`: the TypeScript types, the current schemas, and every released
 * schema by its id. Run `npm run generate`; with `--check` it only compares, and exits 1 on drift.
 */

const HEADER = "// Generated from schemas/avro by `npm run generate`. Do not edit.\n";

function typesText(files: readonly SchemaFile[]): string {
  const writer = new TypeScriptWriter();
  const byName = files.map((file) => `  "${file.fullName}": ${writer.reference(file.schema)};\n`);
  return (
    HEADER +
    [...writer.declarations.values()].join("\n") +
    `\n/** Value type of every schema by its full name. */\n` +
    `export interface EventBySchema {\n${byName.join("")}}\n`
  );
}

function schemasText(files: readonly SchemaFile[]): string {
  const rows = files.map((file) => `  "${file.fullName}": ${JSON.stringify(file.schema)},\n`);
  return `${HEADER}export const SCHEMAS = {\n${rows.join("")}} as const;\n`;
}

/** The newest release of a topic is its current schema, named and not repeated. */
function releasesText(files: readonly SchemaFile[]): string {
  const current = new Map(files.map((file) => [file.fullName, file]));
  const releases = releaseRows();
  const rows = releases.map((row) => {
    const frozen = readSchema(frozenPath(row)).schema;
    const isNewest = newestRelease(releases, row.topic) === row;
    const now = current.get(row.schema);
    if (isNewest && (now === undefined || !sameSchema(frozen, now.schema))) {
      throw new Error(
        `${row.schema} differs from its newest release ${row.version}: run node schemas/scripts/freeze.ts`,
      );
    }
    const schema = isNewest ? `SCHEMAS["${row.schema}"]` : JSON.stringify(frozen);
    return `  { id: ${row.id}, topic: "${row.topic}", version: ${row.version}, schema: ${schema} },\n`;
  });
  return (
    `${HEADER}import { SCHEMAS } from "./schemas.ts";\n\n` +
    `/** Every schema version that was ever released, in the order of their ids. */\n` +
    `export const RELEASES = [\n${rows.join("")}] as const;\n`
  );
}

function render(): Map<string, string> {
  const files = currentSchemas();
  return new Map([
    ["events.ts", typesText(files)],
    ["schemas.ts", schemasText(files)],
    ["releases.ts", releasesText(files)],
  ]);
}

const output = join(SCHEMAS_ROOT, "src", "generated");
const check = process.argv.includes("--check");
mkdirSync(output, { recursive: true });
for (const [name, text] of render()) {
  const path = join(output, name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${name} is stale: run npm run generate and commit the result\n`);
    process.exitCode = 1;
  }
}
