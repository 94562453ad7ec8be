import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../services/platform/src/config/load-config.ts";
import {
  isReserved,
  RESERVED_VARIABLES,
} from "../services/platform/src/config/reserved-variables.ts";
import { SECRETS, VARIABLE_DOCS, VARIABLES } from "../services/platform/src/config/variables.ts";

/**
 * Writes `.env.example` from the variables that the configuration reads: meaning, allowed values and
 * default of each; then the names that are reserved. Run `npm run generate`; with `--check` it only
 * compares, and exits 1 on drift.
 */

const HEADER = [
  "# Generated from services/platform/src/config/variables.ts by `npm run generate`. Do not edit.",
  "# Copy to .env and take the # off the lines you change; what stays commented is the default.",
  "# A secret may also be given as the path of a file, in NAME_FILE.",
];

const RESERVED_HEADER =
  "# Reserved: read by nothing yet. Giving one has no effect, and `amc config print` says so.";

/** Other spellings of a boolean that the configuration accepts and nobody needs to be told. */
const ALIASES: ReadonlySet<string> = new Set(["0", "1", "yes", "no"]);

function allowedValues(name: string): string {
  const property = VARIABLES.toJSONSchema({ io: "input" }).properties?.[name];
  if (typeof property !== "object" || property.enum === undefined) return "";
  const values = property.enum.map(String).filter((value) => !ALIASES.has(value));
  return ` (${values.join(" | ")})`;
}

/** A value as `.env` files quote it; single quotes keep JSON as it is. */
function quoted(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "object" ? `'${JSON.stringify(value)}'` : JSON.stringify(value);
}

/** The text of `.env.example`. Every variable stands with its default, a secret always empty. */
export function envExample(): string {
  const defaults: Readonly<Record<string, unknown>> = loadConfig({});
  const secrets: ReadonlySet<string> = new Set(SECRETS);
  const entries = Object.entries(VARIABLE_DOCS)
    .filter(([name]) => !isReserved(name))
    .map(([name, doc]) => {
      const value = secrets.has(name) ? "" : quoted(defaults[name]);
      return `\n# ${doc}${allowedValues(name)}\n#${name}=${value}\n`;
    });
  const reserved = Object.entries(RESERVED_VARIABLES).map(
    ([name, { doc, why }]) => `\n# ${doc}: ${why}\n#${name}=\n`,
  );
  return [
    `${HEADER.join("\n")}\n${entries.join("")}`,
    `${RESERVED_HEADER}\n${reserved.join("")}`,
  ].join("\n");
}

if (import.meta.main) {
  const path = join(import.meta.dirname, "..", ".env.example");
  if (!process.argv.includes("--check")) writeFileSync(path, envExample());
  else if (readFileSync(path, "utf8") !== envExample()) {
    process.stderr.write(".env.example is stale: run npm run generate and commit the result\n");
    process.exitCode = 1;
  }
}
