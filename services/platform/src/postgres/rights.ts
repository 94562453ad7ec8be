import pg, { type ClientBase } from "pg";
import type { LoginRole } from "./credentials.ts";
import { MONITORING_SCHEMA } from "./migration-files.ts";

/** Names of the roles in the server. */
export const ROLE_NAMES = {
  migrator: "amc_migrator",
  projector: "amc_projector",
  api: "amc_api",
  monitoring: "amc_monitoring",
} as const satisfies Record<LoginRole, string>;

/**
 * Gives each role what its part of the system does and takes the rest away, for tables present and
 * to come. Roles that do not exist are left out, so that one role may own everything on a server
 * that is not ours.
 *
 * @param client the owner of the schemas
 * @param readModelSchema `read_model` or one that is being built to replace it
 */
export async function grantRights(client: ClientBase, readModelSchema: string): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)",
    [Object.values(ROLE_NAMES)],
  );
  const present = new Set(rows.map(({ rolname }) => rolname));
  const readModel = pg.escapeIdentifier(readModelSchema);
  const statements = [
    `REVOKE ALL ON SCHEMA ${readModel} FROM PUBLIC`,
    ...grantsFor(present, ROLE_NAMES.projector, readModel, "SELECT, INSERT, UPDATE, DELETE"),
    ...grantsFor(present, ROLE_NAMES.api, readModel, "SELECT"),
    ...(await monitoringGrants(client, present)),
  ];
  for (const statement of statements) await client.query(statement);
}

async function monitoringGrants(client: ClientBase, present: Set<string>): Promise<string[]> {
  const found = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [
    MONITORING_SCHEMA,
  ]);
  if (found.rowCount === 0) return [];
  const rights = "SELECT, INSERT, UPDATE, DELETE";
  return [
    `REVOKE ALL ON SCHEMA ${MONITORING_SCHEMA} FROM PUBLIC`,
    ...grantsFor(present, ROLE_NAMES.monitoring, MONITORING_SCHEMA, rights),
    // The monitoring endpoints read what the monitoring projections wrote.
    ...grantsFor(present, ROLE_NAMES.api, MONITORING_SCHEMA, "SELECT"),
  ];
}

/** The sequences behind `serial` columns are needed by whoever inserts. */
function grantsFor(present: Set<string>, role: string, schema: string, rights: string): string[] {
  if (!present.has(role)) return [];
  const grants = [
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    `GRANT ${rights} ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT ${rights} ON TABLES TO ${role}`,
  ];
  if (!rights.includes("INSERT")) return grants;
  return [
    ...grants,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT USAGE ON SEQUENCES TO ${role}`,
  ];
}
