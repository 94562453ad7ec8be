import pg, { type ClientBase } from "pg";
import { appliedMigrations } from "./applied-migrations.ts";
import { PostgresError } from "./errors.ts";
import { READ_MODEL_SCHEMA, readMigrationFiles } from "./migration-files.ts";
import { grantRights } from "./rights.ts";

/** Where a rebuild fills its tables, beside those in use. */
export const NEXT_SCHEMA = "read_model_next";

/** Where the replaced tables wait to be swapped back or dropped. */
export const PREVIOUS_SCHEMA = "read_model_previous";

type SpareSchema = typeof NEXT_SCHEMA | typeof PREVIOUS_SCHEMA;

/**
 * Makes an empty set of the read-model tables under another name, by running the same migrations
 * that made the set in use: defaults, keys and indexes are equal by construction.
 *
 * A connection fills it with `SET search_path TO <schema>`; every statement stays as it is.
 *
 * @param client owner of the database, outside a transaction
 * @throws PostgresError `postgres.schema-exists`
 */
export async function createReadModelSchema(client: ClientBase, schema: string): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  const applied = await appliedMigrations(client);
  const files = readMigrationFiles().filter(
    (file) => file.schema === READ_MODEL_SCHEMA && applied.includes(file.name),
  );
  await inTransaction(client, async () => {
    if (await schemaExists(client, schema)) {
      throw new PostgresError(
        "postgres.schema-exists",
        `schema ${schema} is there already; drop it or go on filling it`,
        { schema },
      );
    }
    await client.query(`CREATE SCHEMA ${name}`);
    await client.query(`SET LOCAL search_path TO ${name}`);
    for (const file of files) await client.query(file.up);
    await grantRights(client, schema);
  });
}

/**
 * Puts the rebuilt tables in place of those in use, which are kept beside; an older set kept there
 * is dropped. Readers see the one or the other, never a mixture.
 *
 * It waits for projector transactions in flight. A projector moves its positions in the first
 * statement of a transaction, so none can write rows to one set and positions to the other; the next
 * attempt of one that does not know of the swap finds other positions and writes nothing.
 *
 * @param client owner of the database, outside a transaction
 * @throws PostgresError `postgres.schema-missing` when nothing has been built
 */
export async function swapReadModel(client: ClientBase): Promise<void> {
  await inTransaction(client, async () => {
    await requireSchema(client, NEXT_SCHEMA);
    await lockPositions(client, NEXT_SCHEMA);
    await client.query(`DROP SCHEMA IF EXISTS ${PREVIOUS_SCHEMA} CASCADE`);
    await client.query(`ALTER SCHEMA ${READ_MODEL_SCHEMA} RENAME TO ${PREVIOUS_SCHEMA}`);
    await client.query(`ALTER SCHEMA ${NEXT_SCHEMA} RENAME TO ${READ_MODEL_SCHEMA}`);
  });
}

/**
 * Undoes `swapReadModel`: the tables kept come back, those that were swapped in are again beside.
 *
 * @throws PostgresError `postgres.schema-missing` when none are kept, `postgres.schema-exists` when
 *   another rebuild has begun since
 */
export async function swapReadModelBack(client: ClientBase): Promise<void> {
  await inTransaction(client, async () => {
    await requireSchema(client, PREVIOUS_SCHEMA);
    if (await schemaExists(client, NEXT_SCHEMA)) {
      throw new PostgresError("postgres.schema-exists", `schema ${NEXT_SCHEMA} is in the way`, {
        schema: NEXT_SCHEMA,
      });
    }
    await lockPositions(client, PREVIOUS_SCHEMA);
    await client.query(`ALTER SCHEMA ${READ_MODEL_SCHEMA} RENAME TO ${NEXT_SCHEMA}`);
    await client.query(`ALTER SCHEMA ${PREVIOUS_SCHEMA} RENAME TO ${READ_MODEL_SCHEMA}`);
  });
}

/** Whether a swap has kept the tables that it replaced. */
export async function hasPreviousReadModel(client: ClientBase): Promise<boolean> {
  return await schemaExists(client, PREVIOUS_SCHEMA);
}

/** Drops a set that is not in use; harmless when there is none. */
export async function dropSpareSchema(client: ClientBase, schema: SpareSchema): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
}

async function lockPositions(client: ClientBase, other: SpareSchema): Promise<void> {
  await client.query(
    `LOCK TABLE ${READ_MODEL_SCHEMA}.projection_positions, ${other}.projection_positions
       IN ACCESS EXCLUSIVE MODE`,
  );
}

async function requireSchema(client: ClientBase, schema: SpareSchema): Promise<void> {
  if (await schemaExists(client, schema)) return;
  throw new PostgresError("postgres.schema-missing", `there is no schema ${schema}`, { schema });
}

async function schemaExists(client: ClientBase, schema: string): Promise<boolean> {
  const found = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
  return found.rowCount !== 0;
}

async function inTransaction(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
