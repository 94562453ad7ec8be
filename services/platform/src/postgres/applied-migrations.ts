import type { ClientBase, Pool } from "pg";
import { errorCode } from "./errors.ts";

export const MIGRATIONS_TABLE = "schema_migrations";

/** No such table, and a table that this role may not read: as before the first start of a build like this one. */
const UNREAD: ReadonlySet<string | undefined> = new Set(["42P01", "42501"]);

/** Names of the migrations applied, in order; empty before the first. */
export async function appliedMigrations(client: ClientBase): Promise<string[]> {
  const table = await client.query<{ present: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS present",
    [`public.${MIGRATIONS_TABLE}`],
  );
  if (table.rows[0]?.present !== true) return [];
  return await namesIn(client);
}

/**
 * Which of these migrations the database lacks, for who only reads it; all of them where that cannot
 * be seen: whoever migrates lets everybody see it. What a newer build has applied beyond them is not
 * asked for, so that an older one goes on beside it.
 */
export async function missingMigrations(pool: Pool, names: readonly string[]): Promise<string[]> {
  const applied = new Set(await seenBy(pool));
  return names.filter((name) => !applied.has(name));
}

async function seenBy(pool: Pool): Promise<readonly string[]> {
  try {
    return await namesIn(pool);
  } catch (error) {
    if (UNREAD.has(errorCode(error))) return [];
    throw error;
  }
}

async function namesIn(client: Pick<ClientBase, "query"> | Pool): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM public.${MIGRATIONS_TABLE} ORDER BY name COLLATE "C"`,
  );
  return rows.map(({ name }) => name);
}
