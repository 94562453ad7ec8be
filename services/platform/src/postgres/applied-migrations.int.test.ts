import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { missingMigrations } from "./applied-migrations.ts";
import { migrateDown, migrateUp } from "./migrate.ts";
import { readMigrationFiles } from "./migration-files.ts";
import { startTestPostgres, type TestDatabase } from "./testing.ts";

const names = readMigrationFiles().map(({ name }) => name);

let database: TestDatabase;
beforeEach(async () => {
  database = await startTestPostgres();
});
afterEach(() => database.drop());

const seenByApi = () => missingMigrations(database.pool("api"), names);

describe("what a database lacks of a build, as who only reads it sees it", () => {
  it("is nothing once everything is applied, and the newest ones until then", async () => {
    expect(await seenByApi()).toEqual([]);
    await migrateDown(database.connection("migrator"), 3);
    expect(await seenByApi()).toEqual(names.slice(-3));
    await migrateUp(database.connection("migrator"));
    expect(await seenByApi()).toEqual([]);
  });

  it("is nothing for an older build beside a newer one", async () => {
    expect(await missingMigrations(database.pool("api"), names.slice(0, -3))).toEqual([]);
  });

  it("is everything where it may not be seen, as before a build that lets it, and where nothing was ever applied", async () => {
    const owner = database.pool("migrator");
    await owner.query("REVOKE SELECT ON public.schema_migrations FROM PUBLIC");
    expect(await seenByApi()).toEqual(names);
    await migrateUp(database.connection("migrator"));
    expect(await seenByApi()).toEqual([]);
    await owner.query("DROP TABLE public.schema_migrations");
    expect(await seenByApi()).toEqual(names);
  });

  it("is nothing that anybody could tell where the server's owner has closed the schema to the API", async () => {
    await migrateDown(database.connection("migrator"), 3);
    const owner = database.pool("superuser");
    await owner.query("REVOKE USAGE ON SCHEMA public FROM PUBLIC");
    expect(await seenByApi()).toEqual([]);
    await owner.query("GRANT USAGE ON SCHEMA public TO PUBLIC");
    expect(await seenByApi()).toEqual(names.slice(-3));
  });
});
