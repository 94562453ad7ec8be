import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApiPool, openGivenDatabase } from "./database.ts";

/** `query_canceled`, by the server. */
const CANCELLED = "57014";
const INSUFFICIENT_PRIVILEGE = "42501";

describe("a login of a given server that limits no statement", () => {
  let database: TestDatabase;
  let api: Pool;
  beforeAll(async () => {
    database = await startTestPostgres();
    api = openApiPool(database.url("superuser"));
  });
  afterAll(async () => {
    await api.end();
    await database.drop();
  });

  it("has the API's limit of 2 s on every connection of the API's pool", async () => {
    const limitOf = async (pool: Pool) =>
      (await pool.query<{ limit: string }>("SELECT current_setting('statement_timeout') AS limit"))
        .rows[0]?.limit;
    expect(await limitOf(database.pool("superuser"))).toBe("0");
    expect(await limitOf(api)).toBe("2s");
  });

  it("gives up a read of one statement, and the state of the tables, that wait for longer", async () => {
    const readModel = createPostgresReadModel(api);
    const keeper = await database.pool("superuser").connect();
    await keeper.query("BEGIN; LOCK TABLE read_model.projection_positions");
    const asked = await Promise.allSettled([
      readModel.readOnce((view) => view.positions()),
      readModel.state(),
    ]);
    await keeper.query("ROLLBACK");
    keeper.release();
    expect(asked).toMatchObject([
      { status: "rejected", reason: { code: CANCELLED } },
      { status: "rejected", reason: { code: CANCELLED } },
    ]);
  });
});

describe("a given server with a role for each part", () => {
  it("is migrated by its owner, while who writes rows may change no table", async () => {
    const given = await startTestPostgres();
    const database = await openGivenDatabase(given.url("projector"), given.url("migrator"));
    const writer = database.projector;
    const { rows } = await writer.query<{ who: string }>("SELECT current_user AS who");
    expect(rows).toEqual([{ who: "amc_projector" }]);
    await writer.query("DELETE FROM read_model.verdicts");
    await expect(writer.query("CREATE TABLE read_model.mine (x int)")).rejects.toMatchObject({
      code: INSUFFICIENT_PRIVILEGE,
    });
    await database.close();
    await given.drop();
  });

  it("is not migrated by whoever may not: the control", async () => {
    const given = await startTestPostgres();
    await expect(openGivenDatabase(given.url("projector"))).rejects.toMatchObject({
      code: "postgres.migration-failed",
      message: expect.stringContaining("DATABASE_MIGRATOR_URL"),
    });
    await given.drop();
  });
});
