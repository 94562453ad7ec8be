import { parseArgs } from "node:util";
import { compatibilityProblems } from "./compatibility.ts";
import { SCHEMAS_ROOT } from "./schema-files.ts";

/**
 * Fails when a schema change would make old events unreadable or unbounded:
 * `node schemas/scripts/check-compatibility.ts [--root <schemas folder>]`. Exits 1 and names the
 * schema and field of every problem on stderr.
 */
const { values } = parseArgs({ options: { root: { type: "string", default: SCHEMAS_ROOT } } });
const problems = compatibilityProblems(values.root);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
