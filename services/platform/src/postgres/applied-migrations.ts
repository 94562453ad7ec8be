import type { ClientBase, Pool } from "pg";
import { errorCode } from "./errors.ts";

export const MIGRATIONS_TABLE = "schema_migrations";

const NO_TABLE = "42P01";
const NO_RIGHT = "42501";

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
 * be seen yet: whoever migrates lets everybody see it. None where the server's owner has closed the schema
 * itself to this role, which no build of ours opens. What a newer build has applied beyond them is not
 * asked for, so that an older one goes on beside it.
 */
export async function missingMigrations(pool: Pool, names: readonly string[]): Promise<string[]> {
  const seen = await seenBy(pool);
  if (seen === "closed") return [];
  const applied = new Set(seen);
  return names.filter((name) => !applied.has(name));
}

async function seenBy(pool: Pool): Promise<readonly string[] | "closed"> {
  try {
    return await namesIn(pool);
  } catch (error) {
    if (errorCode(error) === NO_TABLE) return [];
    if (errorCode(error) !== NO_RIGHT) throw error;
    const { rows } = await pool.query<{ open: boolean }>(
      "SELECT has_schema_privilege('public', 'USAGE') AS open",
    );
    // A table that may not be read: as before the first start of a build like this one.
    return rows[0]?.open === true ? [] : "closed";
  }
}

async function namesIn(client: Pick<ClientBase, "query"> | Pool): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM public.${MIGRATIONS_TABLE} ORDER BY name COLLATE "C"`,
  );
  return rows.map(({ name }) => name);
}
