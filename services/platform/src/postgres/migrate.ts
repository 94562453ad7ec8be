import { Socket } from "node:net";
import { runner } from "node-pg-migrate";
import pg, { type ClientBase, type ClientConfig } from "pg";
import { appliedMigrations, MIGRATIONS_TABLE } from "./applied-migrations.ts";
import { errorCode, PostgresError } from "./errors.ts";
import {
  MIGRATIONS_DIRECTORY,
  type MigrationFile,
  READ_MODEL_SCHEMA,
  readMigrationFiles,
} from "./migration-files.ts";
import { grantRights } from "./rights.ts";

// "amc" and a version: one migration run at a time per database, ours only.
const LOCK_ID = 0x616d6301;
const LOCK_TIMEOUT_MS = 60_000;

/**
 * A server that takes connections and says nothing is given up, not waited for: half a minute for a
 * session, as the pools (R-DB-20), and this beyond what the server itself cancels. A statement of a
 * migration has an hour, which no index over a read model of years takes.
 */
const CONNECTION_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 15_000;
const STATEMENT_ANSWER_MS = 3_600_000;

export interface MigrateOptions {
  /** Directory of the SQL files; the project's own unless a test brings others. */
  readonly directory?: string;
  /** Told of each migration before it runs. */
  readonly onMigration?: (name: string, direction: "up" | "down") => void;
  /** Gives it up, wherever it waits: the connection is cut off, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies what is missing, each migration in a transaction of its own, then gives the roles that
 * exist their rights. Waits while another process migrates.
 *
 * @param config a role that may create schemas in the database
 * @returns names of the migrations applied, in order
 * @throws PostgresError `postgres.migration-failed`, with the migration's name and the cause;
 *   `postgres.cannot-connect`
 */
export async function migrateUp(
  config: ClientConfig,
  options: MigrateOptions = {},
): Promise<string[]> {
  return await withMigrationLock(config, options.signal, async (client) => {
    await prepareSchemas(client);
    const applied = await appliedMigrations(client);
    const pending = readMigrationFiles(options.directory).filter(
      ({ name }) => !applied.includes(name),
    );
    for (const file of pending) await runOne(client, file, "up", options);
    await grantRights(client, READ_MODEL_SCHEMA);
    // Who reads tells by it whether the tables are of its build; that role may have any name.
    await client.query(`GRANT SELECT ON public.${MIGRATIONS_TABLE} TO PUBLIC`);
    return pending.map(({ name }) => name);
  });
}

/**
 * Takes the newest migrations back, each in a transaction of its own.
 *
 * @param count how many; all of them are the default
 * @returns names of the migrations reversed, newest first
 */
export async function migrateDown(
  config: ClientConfig,
  count = Number.POSITIVE_INFINITY,
  options: MigrateOptions = {},
): Promise<string[]> {
  return await withMigrationLock(config, options.signal, async (client) => {
    await prepareSchemas(client);
    const files = readMigrationFiles(options.directory);
    const newestFirst = (await appliedMigrations(client)).toReversed().slice(0, count);
    for (const name of newestFirst) {
      const file = files.find((candidate) => candidate.name === name);
      if (file === undefined) {
        throw new PostgresError(
          "postgres.migration-failed",
          `${name} was applied by another version of this program, which has to take it back`,
          { migration: name },
        );
      }
      await runOne(client, file, "down", options);
    }
    return newestFirst;
  });
}

async function withMigrationLock<T>(
  config: ClientConfig,
  signal: AbortSignal | undefined,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const socket = new Socket();
  const client = new pg.Client({
    ...config,
    // Of our own, since the client lets nobody end a connection that is not made yet.
    stream: () => socket,
    application_name: "amc-migrate",
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: STATEMENT_ANSWER_MS,
  });
  client.on("error", () => undefined);
  const cutOff = (): void => void socket.destroy();
  signal?.addEventListener("abort", cutOff, { once: true });
  try {
    await connect(client);
    await ask(client, `SET lock_timeout = ${LOCK_TIMEOUT_MS}`, ANSWER_TIMEOUT_MS);
    const lock = `SELECT pg_advisory_lock(${LOCK_ID})`;
    await ask(client, lock, LOCK_TIMEOUT_MS + ANSWER_TIMEOUT_MS);
    return await work(client);
  } catch (error) {
    // What fails of a connection that was cut off has not failed by itself.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cutOff);
    // Ends the session and with it the lock.
    await client.end();
  }
}

/** The first connection of a start: where the address or the login is wrong, this is told here. */
async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    throw cannotConnect(client, cause);
  }
}

/** A statement before the first migration: no answer in time is told as an address that is wrong. */
async function ask(client: pg.Client, text: string, withinMs: number): Promise<void> {
  const query = { text, query_timeout: withinMs };
  try {
    await client.query(query);
  } catch (cause) {
    if (cause instanceof pg.DatabaseError) throw cause;
    throw cannotConnect(client, cause);
  }
}

function cannotConnect({ host, port }: pg.Client, cause: unknown): PostgresError {
  // A name with several addresses fails with an error per address and no text of its own.
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = text === "" ? (errorCode(cause) ?? "unknown") : text;
  return new PostgresError(
    "postgres.cannot-connect",
    `PostgreSQL at ${host}:${port} cannot be connected to: ${reason}`,
    { host, port, reason: errorCode(cause) ?? "unknown" },
    { cause },
  );
}

/**
 * The tables live in a schema of their own, so that a rebuilt set can take its place by renaming;
 * the search path of the database lets everybody name them without it.
 */
async function prepareSchemas(client: ClientBase): Promise<void> {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS ${READ_MODEL_SCHEMA};
    DO $$ BEGIN
      IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
      THEN
        EXECUTE format('ALTER DATABASE %I SET search_path TO ${READ_MODEL_SCHEMA}, public',
                       current_database());
      END IF;
    END $$`);
}

async function runOne(
  client: ClientBase,
  file: MigrationFile,
  direction: "up" | "down",
  options: MigrateOptions,
): Promise<void> {
  options.onMigration?.(file.name, direction);
  const complaints: string[] = [];
  const complain = (message: string) => void complaints.push(message);
  try {
    await runner({
      dbClient: client,
      dir: options.directory ?? MIGRATIONS_DIRECTORY,
      // node-pg-migrate takes every file for a migration; the dump beside them is none.
      ignorePattern: String.raw`(?!\d{3}_).*`,
      direction,
      file: file.name,
      count: 1,
      singleTransaction: true,
      schema: file.schema,
      migrationsSchema: "public",
      migrationsTable: MIGRATIONS_TABLE,
      noLock: true,
      logger: { debug: () => undefined, info: () => undefined, warn: complain, error: complain },
    });
  } catch (error) {
    throw new PostgresError(
      "postgres.migration-failed",
      `migration ${file.name} (${direction}) failed and left nothing behind: ${complaints.join("; ")}`,
      { migration: file.name },
      { cause: error },
    );
  }
}
