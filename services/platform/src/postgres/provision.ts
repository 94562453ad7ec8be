import pg, { type ClientBase, type ClientConfig } from "pg";
import { LOGIN_ROLES, type LoginRole, type RolePasswords } from "./credentials.ts";
import { MONITORING_SCHEMA, READ_MODEL_SCHEMA } from "./migration-files.ts";
import { ROLE_NAMES } from "./rights.ts";

// Defaults of a session, against a query that nobody waits for any more. 5 s for monitoring is
// R-ARC-07, 2 s for the API is B19 of the bad-input catalogue. Migrations may take what they need.
const STATEMENT_TIMEOUT_MS = { projector: 60_000, api: 2_000, monitoring: 5_000 } as const;
const IDLE_IN_TRANSACTION_MS = 60_000;

// Two processes that start at once must not both find a role missing.
const LOCK_ID = 0x616d6302;

/**
 * Makes the roles and an empty database on a server of ours; harmless when repeated. Passwords are
 * set each time, so that those in use are those in the credentials file.
 *
 * @param superuser connection to the maintenance database
 */
export async function provisionDatabase(
  superuser: ClientConfig,
  database: string,
  passwords: RolePasswords,
): Promise<void> {
  const client = new pg.Client(superuser);
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK_ID]);
    for (const role of LOGIN_ROLES) await ensureRole(client, role, passwords[role]);
    await ensureDatabase(client, database);
    // By default everybody may connect to every database and make temporary tables there.
    for (const name of [database, "postgres", "template1"]) {
      await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(name)} FROM PUBLIC`);
    }
    const roles = Object.values(ROLE_NAMES).join(", ");
    await client.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${roles}`);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: ClientBase, role: LoginRole, password: string): Promise<void> {
  const name = ROLE_NAMES[role];
  const found = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]);
  if (found.rowCount === 0) await client.query(`CREATE ROLE ${name}`);
  await client.query(
    `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD ${pg.escapeLiteral(password)}`,
  );
  for (const [setting, value] of Object.entries(sessionSettings(role))) {
    await client.query(`ALTER ROLE ${name} SET ${setting} TO ${value}`);
  }
}

function sessionSettings(role: LoginRole): Record<string, string> {
  if (role === "migrator") return { search_path: `${READ_MODEL_SCHEMA}, public` };
  return {
    search_path: role === "monitoring" ? MONITORING_SCHEMA : READ_MODEL_SCHEMA,
    statement_timeout: `'${STATEMENT_TIMEOUT_MS[role]}ms'`,
    idle_in_transaction_session_timeout: `'${IDLE_IN_TRANSACTION_MS}ms'`,
    ...(role === "api" ? { default_transaction_read_only: "on" } : {}),
  };
}

/** UTF8 and locale C whatever template1 has: sort order is part of what a rebuild compares. */
async function ensureDatabase(client: ClientBase, database: string): Promise<void> {
  const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
  if (found.rowCount !== 0) return;
  await client.query(
    `CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${ROLE_NAMES.migrator}
       TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`,
  );
}
