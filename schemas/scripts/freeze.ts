import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { TOPIC_NAMES, TOPICS } from "../src/topics.ts";
import { writeGolden } from "./golden.ts";
import {
  currentSchemas,
  frozenPath,
  newestRelease,
  type ReleaseRow,
  readSchema,
  releaseListPath,
  releaseRows,
  SCHEMAS_ROOT,
  sameSchema,
  sha256,
} from "./schema-files.ts";

/**
 * Releases every changed schema: freezes it as the next version under an id that was never used, with
 * golden bytes of that version.
 * Run `node schemas/scripts/freeze.ts`, then `npm run generate`, and commit all of it together.
 */
function freeze(root: string): ReleaseRow[] {
  const rows = existsSync(releaseListPath(root)) ? releaseRows(root) : [];
  const current = new Map(currentSchemas(root).map((file) => [file.fullName, file]));
  const added: ReleaseRow[] = [];
  for (const topic of TOPIC_NAMES) {
    const name = TOPICS[topic].schema;
    const file = current.get(name);
    if (file === undefined) throw new Error(`no .avsc file holds ${name}, the value of ${topic}`);
    const newest = newestRelease(rows, topic);
    if (newest !== undefined) {
      if (sameSchema(readSchema(frozenPath(newest, root)).schema, file.schema)) continue;
    }
    const id = rows.reduce((highest, row) => Math.max(highest, row.id), 0) + 1;
    const version = (newest?.version ?? 0) + 1;
    const row = { id, topic, version, schema: name, sha256: sha256(file.text) };
    mkdirSync(dirname(frozenPath(row, root)), { recursive: true });
    writeFileSync(frozenPath(row, root), file.text, { flag: "wx" });
    writeGolden(row, file.schema, root);
    rows.push(row);
    added.push(row);
  }
  writeFileSync(releaseListPath(root), `${JSON.stringify(rows, null, 2)}\n`);
  return added;
}

const { values } = parseArgs({ options: { root: { type: "string", default: SCHEMAS_ROOT } } });
for (const row of freeze(values.root)) {
  process.stdout.write(`${row.topic} version ${row.version} is released with id ${row.id}\n`);
}
