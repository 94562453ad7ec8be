import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDown, migrateUp } from "@amc/platform/postgres/migrate";
import { MIGRATIONS_DIRECTORY, readMigrationFiles } from "@amc/platform/postgres/migration-files";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { TABLE_NAMES } from "@amc/streams/projections/tables";
import type { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countOf, digestsOf, poolOf, projectAll } from "./testing/projector-fixture.ts";
import { recordedLog } from "./testing/recorded-log.ts";

const NAMES = readMigrationFiles().map(({ name }) => name);

/** What somebody else keeps in the same database: in `public` and in a schema of their own. */
const OTHERS = `
  CREATE TABLE public.holdings (symbol text PRIMARY KEY, shares integer NOT NULL CHECK (shares > 0));
  INSERT INTO public.holdings SELECT 'S' || n, n FROM generate_series(1, 500) n;
  CREATE SCHEMA ledger;
  CREATE TABLE ledger.recommendations (id serial PRIMARY KEY, symbol text REFERENCES public.holdings);
  INSERT INTO ledger.recommendations (symbol) SELECT symbol FROM public.holdings`;

/**
 * What the catalog of PostgreSQL says of some schemas, apart from numbers it gives itself: their
 * rights, relations with owner, rights and storage, columns, constraints, indexes and sequences.
 */
const CATALOG = `
  SELECT n.nspname AS schema, n.nspacl::text AS schema_rights, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
         (SELECT json_agg(json_build_array(defaclobjtype, defaclacl::text) ORDER BY 1)
          FROM pg_default_acl WHERE defaclnamespace = n.oid) AS rights_to_come,
         c.relowner::regrole::text AS owner, c.relacl::text AS rights, c.reloptions AS storage,
         (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
                            a.attnotnull, a.attstorage, pg_get_expr(d.adbin, d.adrelid)) ORDER BY attnum)
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns,
         (SELECT json_agg(json_build_array(conname, contype, pg_get_constraintdef(oid)) ORDER BY conname)
          FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
         CASE WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END AS index,
         (SELECT json_build_array(seqtypid::regtype, seqstart, seqincrement, seqmax, seqcycle)
          FROM pg_sequence WHERE seqrelid = c.oid) AS sequence
  FROM pg_namespace n LEFT JOIN pg_class c ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1)
  ORDER BY n.nspname, c.relname`;

let database: TestDatabase;
let admin: Pool;

beforeEach(async () => {
  database = await startTestPostgres();
  admin = poolOf(database, "superuser");
});
afterEach(async () => {
  await database.drop();
});

async function catalog(...schemas: readonly string[]): Promise<unknown[]> {
  return (await admin.query(CATALOG, [schemas])).rows;
}

async function tablesOf(schema: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1",
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** A digest of all rows, surrogate ids included, by table. */
async function rowsOf(schema: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const table of await tablesOf(schema)) {
    const { rows } = await admin.query<{ digest: string }>(
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest
       FROM ${schema}.${table} t`,
    );
    digests.set(table, rows[0]?.digest ?? "");
  }
  return digests;
}

function namesIn(sql: string, pattern: RegExp): string[] {
  return [...sql.matchAll(pattern)].map(([, name = ""]) => name);
}

async function othersRows(): Promise<readonly ReadonlyMap<string, string>[]> {
  return [await rowsOf("public").then(withoutMigrations), await rowsOf("ledger")];
}

/** The list of what is applied lies in `public` too, and is ours. */
function withoutMigrations(rows: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...rows].filter(([table]) => table !== "schema_migrations"));
}

const migrator = () => database.connection("migrator");

describe("over tables that the projector filled, the migrations", () => {
  beforeEach(async () => {
    await projectAll(database, await recordedLog(41));
    await admin.query(OTHERS);
  });

  it("are tried with at least one row in every table of ours", async () => {
    const empty = [...(await rowsOf("read_model"))].filter(([, rows]) => rows.startsWith("0 "));
    expect(empty).toEqual([]);
    expect((await tablesOf("read_model")).length).toBeGreaterThan(TABLE_NAMES.length);
  });

  it("go down and up again: the catalog is the same to the last right, and others keep every row", async () => {
    const before = await catalog("monitoring", "read_model");
    const others = { catalog: await catalog("ledger"), rows: await othersRows() };
    expect(await migrateDown(migrator())).toEqual(NAMES.toReversed());
    // The schema itself stays; whoever migrates makes it first of all.
    expect(await catalog("monitoring", "read_model")).toMatchObject([
      { schema: "read_model", name: null },
    ]);
    expect({ catalog: await catalog("ledger"), rows: await othersRows() }).toEqual(others);
    expect(await migrateUp(migrator())).toEqual(NAMES);
    expect(await catalog("monitoring", "read_model")).toEqual(before);
    expect({ catalog: await catalog("ledger"), rows: await othersRows() }).toEqual(others);
  });

  it("leave tables which the projector fills again from the log, byte for byte", async () => {
    const before = await digestsOf(database);
    await migrateDown(migrator());
    await migrateUp(migrator());
    expect(await countOf(database, "recommendations")).toBe(0);
    await projectAll(database, await recordedLog(41));
    expect(await digestsOf(database)).toEqual(before);
  });

  it("leave the same tables when those of experiments went one way back and came again", async () => {
    const before = await digestsOf(database);
    expect(await countOf(database, "ab_testing_results")).toBeGreaterThan(0);
    await migrateDown(migrator(), NAMES.length - NAMES.indexOf("008_experiments"));
    await migrateUp(migrator());
    await projectAll(database, await recordedLog(41));
    expect(await digestsOf(database)).toEqual(before);
    const { rows } = await admin.query(
      `SELECT FROM read_model.ab_testing_experiments WHERE decided_at IS NULL
       UNION ALL SELECT FROM read_model.ab_testing_results WHERE event IS NULL OR experiment_id IS NULL`,
    );
    expect(rows).toEqual([]);
  });

  it("take one step down at a time, each dropping tables of its own and no row of another", async () => {
    let left = await rowsOf("read_model");
    for (const { name, up } of readMigrationFiles().toReversed()) {
      expect(await migrateDown(migrator(), 1)).toEqual([name]);
      const made = namesIn(up, /^CREATE TABLE IF NOT EXISTS (\w+)/gm);
      // One that moves rows or adds columns may do so in the tables it names, and loses no row.
      const moved = namesIn(up, /^(?:UPDATE|INSERT INTO|DELETE FROM|ALTER TABLE) (\w+)/gm);
      const seen = (rows: ReadonlyMap<string, string>) =>
        [...rows].map(([table, digest]) => [
          table,
          moved.includes(table) ? digest.split(" ")[0] : digest,
        ]);
      const now = await rowsOf("read_model");
      expect(seen(now)).toEqual(seen(left).filter(([table = ""]) => !made.includes(table)));
      left = now;
    }
    expect(left.size).toBe(0);
  });

  it("go down whole or not at all: a view of somebody else in the way keeps every row", async () => {
    await migrateDown(migrator(), NAMES.length - 2);
    const before = { catalog: await catalog("read_model"), rows: await rowsOf("read_model") };
    expect(before.rows.size).toBe(6);
    // The table that goes last: five are dropped by then.
    await admin.query("CREATE VIEW ledger.calls AS SELECT * FROM read_model.provider_api_calls");
    await expect(migrateDown(migrator(), 1)).rejects.toMatchObject({
      code: "postgres.migration-failed",
      facts: { migration: "002_unified_discovery" },
      cause: { code: "2BP01" },
    });
    expect({ catalog: await catalog("read_model"), rows: await rowsOf("read_model") }).toEqual(
      before,
    );
    await admin.query("DROP VIEW ledger.calls");
    expect(await migrateDown(migrator(), 1)).toEqual(["002_unified_discovery"]);
  });

  it("go up whole or not at all: one that fails after changing rows has changed none", async () => {
    const directory = mkdtempSync(join(tmpdir(), "amc-migrations-"));
    try {
      cpSync(MIGRATIONS_DIRECTORY, directory, { recursive: true });
      writeFileSync(
        join(directory, "900_bad.sql"),
        `-- Schema: read_model
-- Up Migration
ALTER TABLE recommendations ADD COLUMN mood text DEFAULT 'good';
UPDATE recommendations SET symbol = lower(symbol);
DROP TABLE stage_timings;
CREATE UNIQUE INDEX one_symbol ON verdicts (trading_day);
-- Down Migration
ALTER TABLE recommendations DROP COLUMN mood;
`,
      );
      const before = { catalog: await catalog("read_model"), rows: await rowsOf("read_model") };
      await expect(migrateUp(migrator(), { directory })).rejects.toMatchObject({
        code: "postgres.migration-failed",
        facts: { migration: "900_bad" },
        // Only the rows make it fail: on empty tables it would have gone through.
        cause: { code: "23505" },
      });
      expect({ catalog: await catalog("read_model"), rows: await rowsOf("read_model") }).toEqual(
        before,
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("put monitoring where it can be dropped alone: nothing of the read model or of others changes", async () => {
    const before = { catalog: await catalog("read_model"), rows: await rowsOf("read_model") };
    const others = await othersRows();
    await admin.query("DROP SCHEMA monitoring CASCADE");
    expect({ catalog: await catalog("read_model"), rows: await rowsOf("read_model") }).toEqual(
      before,
    );
    expect(await othersRows()).toEqual(others);
  });
});

describe("control: the comparison of catalogs", () => {
  it.each([
    ["a right", "REVOKE SELECT ON read_model.verdicts FROM amc_api"],
    [
      "a right to come",
      "ALTER DEFAULT PRIVILEGES FOR ROLE amc_migrator IN SCHEMA monitoring REVOKE ALL ON TABLES FROM amc_api",
    ],
    ["an index", "DROP INDEX read_model.idx_discovery_strategy"],
    [
      "a default",
      "ALTER TABLE read_model.circuit_breaker_events ALTER event_timestamp DROP DEFAULT",
    ],
    [
      "a check",
      "ALTER TABLE read_model.projection_positions DROP CONSTRAINT projection_positions_next_offset_check",
    ],
    [
      "the order of columns",
      "ALTER TABLE read_model.event_index DROP topic, ADD topic varchar(249) NOT NULL",
    ],
    ["a schema", "DROP SCHEMA monitoring"],
  ])("sees %s that differs", async (_what, statement) => {
    const before = await catalog("monitoring", "read_model");
    await admin.query(statement);
    expect(await catalog("monitoring", "read_model")).not.toEqual(before);
  });
});
