import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApiPool } from "./database.ts";

/** `query_canceled`, by the server. */
const CANCELLED = "57014";

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
