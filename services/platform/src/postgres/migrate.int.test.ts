import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg, { type Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { migrateDown, migrateUp } from "./migrate.ts";
import { MIGRATIONS_DIRECTORY, readMigrationFiles } from "./migration-files.ts";
import { dumpSchemas } from "./schema-dump.ts";
import { startTestPostgres, type TestDatabase } from "./testing.ts";

const SCHEMAS = ["monitoring", "read_model"];

let database: TestDatabase;
let admin: Pool;
let directory: string;

beforeEach(async () => {
  database = await startTestPostgres();
  admin = database.pool("superuser");
  directory = mkdtempSync(join(tmpdir(), "amc-migrations-"));
  cpSync(MIGRATIONS_DIRECTORY, directory, { recursive: true });
});

afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function dump(): Promise<string> {
  const client = new pg.Client(database.connection("superuser"));
  await client.connect();
  try {
    return await dumpSchemas(client, SCHEMAS);
  } finally {
    await client.end();
  }
}

async function tables(schema: string): Promise<string[]> {
  const { rows } = await admin.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1",
    [schema],
  );
  return rows.map(({ tablename }) => tablename);
}

const names = readMigrationFiles().map(({ name }) => name);

describe("the migrations", () => {
  it("lead to the committed dump, whatever the version of the server", async () => {
    const dumped = `-- What the migrations lead to. Written by their test: vitest run migrate.int --update\n\n${await dump()}`;
    await expect(dumped).toMatchFileSnapshot(join(MIGRATIONS_DIRECTORY, "schema.sql"));
  });

  it("go up, down and up again, and data in other tables stays", async () => {
    const before = await dump();
    await admin.query("CREATE TABLE public.holdings AS SELECT 'GME' AS symbol, 3 AS shares");
    expect(await migrateDown(database.connection("migrator"))).toEqual(names.toReversed());
    expect(await tables("read_model")).toEqual([]);
    expect(await migrateUp(database.connection("migrator"))).toEqual(names);
    expect(await dump()).toBe(before);
    const kept = await admin.query("SELECT * FROM public.holdings");
    expect(kept.rows).toEqual([{ symbol: "GME", shares: 3 }]);
  });

  it("go down one by one, and only what belongs to that one goes", async () => {
    await admin.query(
      "INSERT INTO finra_reporting_schedule (settlement_date, due_date) VALUES ('2020-12-31', '2021-01-05')",
    );
    const down = await migrateDown(database.connection("migrator"), 13);
    expect(down).toEqual([
      "016_sent_messages",
      "015_hour_metrics",
      "014_operational_alerts",
      "013_simulated_calls",
      "012_schedule_overrides",
      "011_job_runs",
      "010_short_interest_quality",
      "009_retention_indexes",
      "008_experiments",
      "007_portfolio_positions",
      "006_features_projection",
      "005_projection_positions",
      "004_read_models",
    ]);
    const kept = await admin.query("SELECT settlement_date FROM finra_reporting_schedule");
    expect(kept.rows).toEqual([{ settlement_date: "2020-12-31" }]);
  });

  it("do nothing when everything is applied, from two processes at once either", async () => {
    await migrateDown(database.connection("migrator"));
    const runs = await Promise.all([
      migrateUp(database.connection("migrator")),
      migrateUp(database.connection("migrator")),
    ]);
    expect(runs.flat()).toEqual(names);
    expect(await migrateUp(database.connection("migrator"))).toEqual([]);
  });

  it("may be run again by hand over what is there", async () => {
    const before = await dump();
    for (const { schema, up } of readMigrationFiles()) {
      await admin.query(`SET search_path TO ${schema}; ${up}`);
    }
    expect(await dump()).toBe(before);
  });

  it("drop the tables of the unified discovery in the order of the seed's rollback", async () => {
    await admin.query(`
      CREATE TABLE public.drops (at serial, name text);
      CREATE FUNCTION public.note_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          INSERT INTO public.drops (name)
          SELECT object_name FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table';
        END $$;
      CREATE EVENT TRIGGER note_drop ON sql_drop EXECUTE FUNCTION public.note_drop()`);
    await migrateDown(database.connection("migrator"), names.length - 1);
    const { rows } = await admin.query<{ name: string }>(
      "SELECT name FROM public.drops ORDER BY at",
    );
    expect(rows.map(({ name }) => name).slice(-6)).toEqual([
      "discovery_audit_log",
      "circuit_breaker_events",
      "ab_testing_results",
      "ab_testing_experiments",
      "detector_performance",
      "provider_api_calls",
    ]);
  });

  it("let the features projection go on where the signals projection had read to", async () => {
    const toFeatures = names.length - names.indexOf("006_features_projection");
    const positions = async () => {
      const { rows } = await admin.query<{ at: string }>(
        `SELECT concat_ws(' ', projection, topic, partition, next_offset) AS at
         FROM projection_positions ORDER BY 1`,
      );
      return rows.map(({ at }) => at);
    };
    await migrateDown(database.connection("migrator"), toFeatures);
    await admin.query(`
      INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch)
      VALUES ('signals', 'signals.features.v1', 0, 7, 1), ('signals', 'signals.verdict.v1', 0, 3, 1)`);
    await migrateUp(database.connection("migrator"));
    expect(await positions()).toEqual([
      "features signals.features.v1 0 7",
      "signals signals.verdict.v1 0 3",
    ]);
    await migrateDown(database.connection("migrator"), toFeatures);
    expect(await positions()).toEqual([
      "signals signals.features.v1 0 7",
      "signals signals.verdict.v1 0 3",
    ]);
  });

  it("have positions read again from the start when their table was taken away and came back", async () => {
    const steps = names.length - names.indexOf("007_portfolio_positions");
    await admin.query(`
      INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch)
      VALUES ('discovery', 'portfolio.position.v1', 0, 7, 1), ('discovery', 'discovery.run.v1', 0, 3, 1)`);
    await migrateDown(database.connection("migrator"), steps);
    await migrateUp(database.connection("migrator"));
    const { rows } = await admin.query("SELECT topic, next_offset FROM projection_positions");
    expect(rows).toEqual([{ topic: "discovery.run.v1", next_offset: 3 }]);
  });

  it("have experiments and their results read again from the start when columns of theirs came back", async () => {
    const steps = names.length - names.indexOf("008_experiments");
    await admin.query(`
      INSERT INTO ab_testing_experiments
        (experiment_name, start_date, traffic_split, success_metrics, event_id, decided_at)
      VALUES ('rollout', now(), '{}', '[]', gen_random_uuid(), now());
      INSERT INTO ab_testing_results
        (experiment_id, experiment_name, strategy_name, discovery_run_id, event_id, event)
      SELECT id, 'rollout', 'hybrid_v1', gen_random_uuid(), gen_random_uuid(), '\\x00'
      FROM ab_testing_experiments;
      INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch)
      VALUES ('discovery', 'ops.control.v1', 0, 7, 1), ('discovery', 'experiments.result.v1', 1, 5, 1),
             ('discovery', 'discovery.run.v1', 0, 3, 1)`);
    await migrateDown(database.connection("migrator"), steps);
    await migrateUp(database.connection("migrator"));
    const { rows } = await admin.query("SELECT topic, next_offset FROM projection_positions");
    expect(rows).toEqual([{ topic: "discovery.run.v1", next_offset: 3 }]);
    for (const table of ["ab_testing_experiments", "ab_testing_results"]) {
      expect((await admin.query(`SELECT FROM ${table}`)).rowCount).toBe(0);
    }
  });

  it("keep the monitoring schema apart: it can be dropped and nothing else changes", async () => {
    const before = await tables("read_model");
    await admin.query("DROP SCHEMA monitoring CASCADE");
    expect(await tables("read_model")).toEqual(before);
  });
});

describe("a migration that fails", () => {
  it("leaves nothing of itself, and those before it stay", async () => {
    writeFileSync(
      join(directory, "901_good.sql"),
      "-- Schema: read_model\n-- Up Migration\nCREATE TABLE good ();\n-- Down Migration\nDROP TABLE good;\n",
    );
    writeFileSync(
      join(directory, "902_bad.sql"),
      "-- Schema: read_model\n-- Up Migration\nCREATE TABLE half ();\nSELECT 1/0;\n-- Down Migration\nDROP TABLE half;\n",
    );
    const failing = migrateUp(database.connection("migrator"), { directory });
    await expect(failing).rejects.toMatchObject({
      code: "postgres.migration-failed",
      facts: { migration: "902_bad" },
      cause: { code: "22012" },
    });
    expect(await tables("read_model")).toContain("good");
    expect(await tables("read_model")).not.toContain("half");
    writeFileSync(
      join(directory, "902_bad.sql"),
      "-- Schema: read_model\n-- Up Migration\nCREATE TABLE half ();\n-- Down Migration\nDROP TABLE half;\n",
    );
    expect(await migrateUp(database.connection("migrator"), { directory })).toEqual(["902_bad"]);
  });

  it("stops a way back whose file is gone, and names it", async () => {
    rmSync(join(directory, "016_sent_messages.sql"));
    const back = migrateDown(database.connection("migrator"), 1, { directory });
    await expect(back).rejects.toMatchObject({
      facts: { migration: "016_sent_messages" },
    });
  });
});

describe("a server that takes connections and is silent", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Has the login of a server without a password, `ReadyForQuery` included. */
  const WELCOME = Buffer.from("520000000800000000" + "5a0000000549", "hex");

  it.each([
    ["from the start", null],
    ["after the login", WELCOME],
  ])("%s is given up with its address, so that the process can end", async (_since, welcome) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const aMinutePasses = (): void => void vi.advanceTimersByTime(60_000);
    const server = createServer((socket) => {
      // The first message is the login; with an answer to it comes a second one, a statement.
      socket.once("data", () => {
        if (welcome === null) return aMinutePasses();
        socket.once("data", aMinutePasses);
        socket.write(welcome);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const config = { host: "127.0.0.1", port, user: "amc", database: "amc" };
    await expect(migrateUp(config)).rejects.toMatchObject({
      code: "postgres.cannot-connect",
      message: expect.stringMatching(`127\\.0\\.0\\.1:${port} .*timeout`),
    });
    server.close();
  });
});

describe("a migration file", () => {
  it.each([
    ["no schema", "-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT 1;\n"],
    ["an unknown schema", "-- Schema: other\n-- Up Migration\n-- Down Migration\nSELECT 1;\n"],
    ["no way back", "-- Schema: read_model\n-- Up Migration\nSELECT 1;\n"],
    [
      "an empty way back",
      "-- Schema: read_model\n-- Up Migration\nSELECT 1;\n-- Down Migration\n\n",
    ],
  ])("is refused with %s", (_what, text) => {
    writeFileSync(join(directory, "900_new.sql"), text);
    expect(() => readMigrationFiles(directory)).toThrowError(
      expect.objectContaining({ code: "postgres.migration-format" }),
    );
  });
});
