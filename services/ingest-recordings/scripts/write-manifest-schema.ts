import { writeFile } from "node:fs/promises";
import { manifestJsonSchema } from "../src/manifest/load-manifest.ts";

/** Writes the JSON Schema that manifests name in $schema; a test fails when it is stale. */
const target = new URL("../../../infra/recordings/manifest.schema.json", import.meta.url);
await writeFile(target, `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
