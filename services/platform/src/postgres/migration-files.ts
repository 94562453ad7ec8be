import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PostgresError } from "./errors.ts";

/** Schema of our own tables as seen by everybody, and of what only observes. */
export const READ_MODEL_SCHEMA = "read_model";
export const MONITORING_SCHEMA = "monitoring";

export interface MigrationFile {
  /** File name without extension, for example `002_unified_discovery`. */
  readonly name: string;
  /** Schema in which its unqualified names lie. */
  readonly schema: typeof READ_MODEL_SCHEMA | typeof MONITORING_SCHEMA;
  /** Statements of the way up. */
  readonly up: string;
}

export const MIGRATIONS_DIRECTORY = fileURLToPath(
  new URL("../../../../infra/migrations", import.meta.url),
);

const FILE_NAME = /^\d{3}_[a-z_]+\.sql$/;
const SCHEMA_LINE = /^-- Schema: (\S+)$/m;
const UP_MARKER = "-- Up Migration\n";
const DOWN_MARKER = "-- Down Migration\n";

/**
 * The migrations in their order. Each names on its first line the schema it works in, and has a way
 * back.
 *
 * @throws PostgresError `postgres.migration-format`
 */
export function readMigrationFiles(directory = MIGRATIONS_DIRECTORY): MigrationFile[] {
  return readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => readMigrationFile(join(directory, name)));
}

function readMigrationFile(path: string): MigrationFile {
  const name = basename(path, ".sql");
  const text = readFileSync(path, "utf8");
  const schema = SCHEMA_LINE.exec(text)?.[1];
  if (schema !== READ_MODEL_SCHEMA && schema !== MONITORING_SCHEMA) {
    throw malformed(name, `must name ${READ_MODEL_SCHEMA} or ${MONITORING_SCHEMA} as its schema`);
  }
  const upAt = text.indexOf(UP_MARKER);
  const downAt = text.indexOf(DOWN_MARKER);
  if (upAt < 0 || downAt < upAt || text.slice(downAt + DOWN_MARKER.length).trim() === "") {
    throw malformed(name, "needs an up and then a down section");
  }
  return { name, schema, up: text.slice(upAt, downAt) };
}

function malformed(migration: string, what: string): PostgresError {
  return new PostgresError("postgres.migration-format", `${migration}.sql ${what}`, { migration });
}
