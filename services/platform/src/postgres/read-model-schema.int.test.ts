import pg, { type Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createReadModelSchema,
  dropSpareSchema,
  NEXT_SCHEMA,
  PREVIOUS_SCHEMA,
  swapReadModel,
  swapReadModelBack,
} from "./read-model-schema.ts";
import { dumpSchemas } from "./schema-dump.ts";
import { startTestPostgres, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let migrator: Client;

beforeEach(async () => {
  database = await startTestPostgres();
  migrator = new pg.Client(database.connection("migrator"));
  await migrator.connect();
});

afterEach(async () => {
  await migrator.end();
  await database.drop();
});

const insertPrice = `INSERT INTO prices_latest
  (symbol, event_id, happened_at, published_at, captured_at, simulated, source, kind, interval_ms,
   open, high, low, close, volume, volume_scope)
  VALUES ('GME', gen_random_uuid(), '2021-01-13', '2021-01-13', '2021-01-13', true, 'test', 'bar',
          60000, 1, 1, 1, $1, 1, 'regular')`;

async function closes(): Promise<number[]> {
  const { rows } = await database
    .pool("api")
    .query<{ close: number }>("SELECT close FROM prices_latest");
  return rows.map(({ close }) => close);
}

/** Fills the tables beside those in use, as the projector does it. */
async function rebuild(close: number): Promise<void> {
  await createReadModelSchema(migrator, NEXT_SCHEMA);
  const projector = new pg.Client({
    ...database.connection("projector"),
    options: `-c search_path=${NEXT_SCHEMA}`,
  });
  await projector.connect();
  await projector.query(insertPrice, [close]);
  await projector.end();
}

describe("tables built beside those in use", () => {
  it("are equal to them in every definition", async () => {
    await createReadModelSchema(migrator, NEXT_SCHEMA);
    const inUse = await dumpSchemas(migrator, ["read_model"]);
    const beside = await dumpSchemas(migrator, [NEXT_SCHEMA]);
    expect(beside.replaceAll(NEXT_SCHEMA, "read_model")).toBe(inUse);
  });

  it("are written by the projector and seen by nobody before the swap", async () => {
    await database.pool("projector").query(insertPrice, [1]);
    await rebuild(2);
    expect(await closes()).toEqual([1]);
  });

  it("are not made twice", async () => {
    await createReadModelSchema(migrator, NEXT_SCHEMA);
    await expect(createReadModelSchema(migrator, NEXT_SCHEMA)).rejects.toMatchObject({
      code: "postgres.schema-exists",
    });
    await dropSpareSchema(migrator, NEXT_SCHEMA);
    await createReadModelSchema(migrator, NEXT_SCHEMA);
  });
});

describe("a swap", () => {
  it("shows the rebuilt rows to open connections, prepared statements included", async () => {
    await database.pool("projector").query(insertPrice, [1]);
    const reader = new pg.Client(database.connection("api"));
    await reader.connect();
    const prepared = { name: "closes", text: "SELECT close FROM prices_latest" };
    expect((await reader.query(prepared)).rows).toEqual([{ close: 1 }]);
    await rebuild(2);
    await swapReadModel(migrator);
    expect((await reader.query(prepared)).rows).toEqual([{ close: 2 }]);
    await swapReadModelBack(migrator);
    expect((await reader.query(prepared)).rows).toEqual([{ close: 1 }]);
    await reader.end();
  });

  it("leaves roles their rights on both sets", async () => {
    await rebuild(2);
    await swapReadModel(migrator);
    await database.pool("projector").query("UPDATE prices_latest SET close = 3");
    expect(await closes()).toEqual([3]);
    // Refused already because its transactions are read-only by default.
    const forbidden = database.pool("api").query("DELETE FROM prices_latest");
    await expect(forbidden).rejects.toMatchObject({ code: "25006" });
  });

  it("waits for the transaction that has moved a position, and takes nothing of it over", async () => {
    const projector = new pg.Client(database.connection("projector"));
    await projector.connect();
    await projector.query(
      "INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch) VALUES ('p', 't', 0, 0, 1)",
    );
    await rebuild(2);
    await projector.query("BEGIN");
    await projector.query("UPDATE projection_positions SET next_offset = 1");
    const swap = swapReadModel(migrator);
    await expect
      .poll(async () => {
        const waiting = await database
          .pool("superuser")
          .query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        return waiting.rowCount;
      })
      .toBe(1);
    await projector.query(insertPrice, [9]);
    await projector.query("COMMIT");
    await swap;
    expect(await closes()).toEqual([2]);
    const moved = await projector.query("UPDATE projection_positions SET next_offset = 2");
    expect(moved.rowCount).toBe(0);
    const kept = await migrator.query(`SELECT close FROM ${PREVIOUS_SCHEMA}.prices_latest`);
    expect(kept.rows).toEqual([{ close: 9 }]);
    await projector.end();
  });

  it("is refused when nothing has been built or kept", async () => {
    const missing = { code: "postgres.schema-missing" };
    await expect(swapReadModel(migrator)).rejects.toMatchObject(missing);
    await expect(swapReadModelBack(migrator)).rejects.toMatchObject(missing);
  });

  it("is not undone over the tables of another rebuild", async () => {
    await rebuild(2);
    await swapReadModel(migrator);
    await createReadModelSchema(migrator, NEXT_SCHEMA);
    await expect(swapReadModelBack(migrator)).rejects.toMatchObject({
      code: "postgres.schema-exists",
    });
    expect(await closes()).toEqual([2]);
  });
});
