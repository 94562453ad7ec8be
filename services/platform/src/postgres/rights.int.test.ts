import pg, { type Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOGIN_ROLES } from "./credentials.ts";
import { ROLE_NAMES } from "./rights.ts";
import { startTestPostgres, type TestDatabase, type TestRole } from "./testing.ts";

const DENIED = "42501";

let database: TestDatabase;
let other: TestDatabase;
const pools = new Map<TestRole, Pool>();

beforeAll(async () => {
  database = await startTestPostgres();
  other = await startTestPostgres();
  for (const role of [...LOGIN_ROLES, "superuser"] as const) pools.set(role, database.pool(role));
  await as("migrator", "CREATE TABLE monitoring.later (id serial PRIMARY KEY, note text)");
  await as("migrator", "CREATE TABLE read_model.later (id serial PRIMARY KEY, note text)");
});

afterAll(async () => {
  await database.drop();
  await other.drop();
});

/** Code of the refusal, or null when the statement went through. */
async function as(role: TestRole, statement: string): Promise<string | null> {
  const pool = pools.get(role);
  try {
    await pool?.query(statement);
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

const insertSchedule =
  "INSERT INTO finra_reporting_schedule (settlement_date, due_date) VALUES ('2021-01-15', '2021-01-20')";

describe("what each role may do", () => {
  it.each([
    ["projector", insertSchedule],
    ["projector", "UPDATE finra_reporting_schedule SET status = 'published'"],
    ["projector", "DELETE FROM finra_reporting_schedule"],
    ["projector", "INSERT INTO read_model.later (note) VALUES ('a table of a later migration')"],
    ["api", "SELECT * FROM recommendations"],
    ["api", "SELECT * FROM read_model.later"],
    ["api", "SELECT * FROM monitoring.later"],
    ["api", "SELECT * FROM public.schema_migrations"],
    ["monitoring", "INSERT INTO later (note) VALUES ('in its own schema')"],
    ["monitoring", "DELETE FROM monitoring.later"],
    ["migrator", "ALTER TABLE read_model.later ADD COLUMN more text"],
  ] as const)("%s: %s", async (role, statement) => {
    expect(await as(role, statement)).toBeNull();
  });
});

describe("what each role must not do", () => {
  const forbidden = [
    ["projector", "CREATE TABLE read_model.mine ()"],
    ["projector", "CREATE TABLE public.mine ()"],
    ["projector", "CREATE SCHEMA mine"],
    ["projector", "CREATE TEMPORARY TABLE mine ()"],
    ["projector", "DROP TABLE recommendations"],
    ["projector", "TRUNCATE recommendations"],
    ["projector", "ALTER TABLE recommendations ADD COLUMN mine text"],
    ["projector", "SELECT * FROM monitoring.later"],
    ["projector", "DELETE FROM public.schema_migrations"],
    ["monitoring", "SELECT * FROM read_model.recommendations"],
    ["monitoring", "INSERT INTO read_model.alerts DEFAULT VALUES"],
    ["monitoring", "CREATE TABLE monitoring.mine ()"],
    ["monitoring", "CREATE TABLE public.mine ()"],
    ["migrator", "CREATE ROLE mine"],
    ["migrator", "CREATE DATABASE mine"],
    ["migrator", "ALTER ROLE amc_migrator SUPERUSER"],
    ["migrator", "COPY (SELECT 1) TO PROGRAM 'true'"],
    ["migrator", "SELECT pg_read_file('postgresql.conf')"],
    ["migrator", "SET ROLE postgres"],
  ] as const;

  it.each(forbidden)("%s: %s", async (role, statement) => {
    expect(await as(role, statement)).toBe(DENIED);
  });

  it.each([
    insertSchedule,
    "UPDATE recommendations SET score = 1",
    "DELETE FROM dead_letters",
    "CREATE TABLE read_model.mine ()",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE mine ()",
    "SELECT nextval('recommendations_id_seq')",
  ])("api, even when it lifts its own read-only default: %s", async (statement) => {
    const lifted = `SET default_transaction_read_only = off; BEGIN READ WRITE; ${statement}`;
    const client = await pools.get("api")?.connect();
    try {
      await expect(client?.query(lifted)).rejects.toMatchObject({ code: DENIED });
    } finally {
      client?.release(true);
    }
  });

  it.each(LOGIN_ROLES)("%s: be more than a plain login", async (role) => {
    const found = await pools.get("superuser")?.query(
      `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
         FROM pg_roles WHERE rolname = $1`,
      [ROLE_NAMES[role]],
    );
    expect(Object.values(found?.rows[0] ?? {})).toEqual([false, false, false, false, false]);
  });

  it("any of them: open the maintenance database", async () => {
    for (const role of LOGIN_ROLES) {
      const config = { ...database.connection(role), database: "postgres" };
      const client = new pg.Client(config);
      await expect(client.connect(), role).rejects.toMatchObject({ code: DENIED });
    }
  });
});

describe("how long a statement of a role may run", () => {
  it("is 5 s for monitoring, 2 s for the API and without limit for migrations", async () => {
    const limits = await Promise.all(
      LOGIN_ROLES.map(async (role) => {
        const found = await pools.get(role)?.query("SHOW statement_timeout");
        return [role, found?.rows[0].statement_timeout];
      }),
    );
    expect(Object.fromEntries(limits)).toEqual({
      migrator: "0",
      projector: "1min",
      api: "2s",
      monitoring: "5s",
    });
  });

  it("cancels what monitoring runs for longer than that", async () => {
    const slow = pools.get("monitoring")?.query("SELECT pg_sleep(6)");
    await expect(slow).rejects.toMatchObject({ code: "57014" });
  });
});
