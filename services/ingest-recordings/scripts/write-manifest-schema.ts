import { readFileSync, writeFileSync } from "node:fs";
import { manifestJsonSchema } from "../src/manifest/load-manifest.ts";

/**
 * Writes the JSON Schema that manifests name in `$schema`, from the schema that reads them. Run
 * `npm run generate`; with `--check` it only compares, and exits 1 on drift.
 */

const path = new URL("../../../infra/recordings/manifest.schema.json", import.meta.url);
const text = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(path, text);
else if (readFileSync(path, "utf8") !== text) {
  process.stderr.write(
    "manifest.schema.json is stale: run npm run generate and commit the result\n",
  );
  process.exitCode = 1;
}
