import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AvroNode } from "../src/avro-schema.ts";

/** Where schemas live on disk: the current ones by domain, every released one frozen in history. */

export const SCHEMAS_ROOT = join(fileURLToPath(import.meta.url), "..", "..");

/** First line of every generated file. */
export const GENERATED_HEADER =
  "// Generated from schemas/avro by `npm run generate`. Do not edit.\n";

export interface SchemaFile {
  readonly path: string;
  readonly text: string;
  /** For example `amc.market.PriceTick`. */
  readonly fullName: string;
  readonly schema: AvroNode;
}

/** One released version of a topic's value; ids are never reused, rows are only appended. */
export interface ReleaseRow {
  readonly id: number;
  readonly topic: string;
  readonly version: number;
  readonly schema: string;
  /** Of the frozen file, so that an edit of history is noticed. */
  readonly sha256: string;
}

export function currentSchemas(root = SCHEMAS_ROOT): SchemaFile[] {
  const directory = join(root, "avro");
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".avsc") && !path.startsWith("history/"))
    .sort()
    .map((path) => readSchema(join(directory, path)));
}

export function readSchema(path: string): SchemaFile {
  const text = readFileSync(path, "utf8");
  const schema: AvroNode = JSON.parse(text);
  if (schema.type !== "record" || schema.name === undefined || schema.namespace === undefined) {
    throw new Error(`${path} does not hold one named record`);
  }
  return { path, text, fullName: `${schema.namespace}.${schema.name}`, schema };
}

export function releaseListPath(root = SCHEMAS_ROOT): string {
  return join(root, "avro", "history", "releases.json");
}

export function releaseRows(root = SCHEMAS_ROOT): ReleaseRow[] {
  return JSON.parse(readFileSync(releaseListPath(root), "utf8"));
}

export function frozenPath(
  row: Pick<ReleaseRow, "schema" | "version">,
  root = SCHEMAS_ROOT,
): string {
  return join(root, "avro", "history", `${row.schema}.v${row.version}.avsc`);
}

export function newestRelease(rows: readonly ReleaseRow[], topic: string): ReleaseRow | undefined {
  return rows
    .filter((row) => row.topic === topic)
    .reduce<ReleaseRow | undefined>(
      (newest, row) => (newest === undefined || row.version > newest.version ? row : newest),
      undefined,
    );
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Equal as schemas: bytes of one are bytes of the other. How files are laid out and what their docs
 * say is not part of that, as in Avro's canonical form: better words are no new version.
 */
export function sameSchema(left: AvroNode, right: AvroNode): boolean {
  return withoutDocs(left) === withoutDocs(right);
}

function withoutDocs(schema: AvroNode): string {
  return JSON.stringify(schema, (key, value: unknown) => (key === "doc" ? undefined : value));
}
