import pg, { type Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classifyPostgresFailure, isConnectionLoss, isOutage } from "./classify.ts";
import { createPool } from "./pool.ts";
import { startTestPostgres, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let admin: Pool;

beforeAll(async () => {
  database = await startTestPostgres();
  admin = database.pool("superuser");
  await admin.query("CREATE TABLE public.notes (id integer PRIMARY KEY, text text)");
});

afterAll(() => database.drop());

function poolOf(max: number, onConnectionLost?: (error: Error) => void): Pool {
  return createPool({
    connection: database.connection("superuser"),
    applicationName: "pool-test",
    max,
    connectionTimeoutMs: 2_000,
    statementTimeoutMs: 500,
    ...(onConnectionLost === undefined ? {} : { onConnectionLost }),
  });
}

async function terminate(backend: number): Promise<void> {
  await admin.query("SELECT pg_terminate_backend($1, 5000)", [backend]);
}

async function backendOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("connections of a pool", () => {
  it("are given up after an hour, so that a change of address or rights reaches all (R-DB-20)", async () => {
    const pool = poolOf(1);
    expect(pool.options.maxLifetimeSeconds).toBe(3_600);
    await pool.end();
  });
});

describe("a pool whose connections break", () => {
  it("goes on with another connection when an idle one is terminated", async () => {
    const lost = Promise.withResolvers<Error>();
    const pool = poolOf(1, lost.resolve);
    const client = await pool.connect();
    const backend = await backendOf(client);
    client.release();
    await terminate(backend);
    expect(classifyPostgresFailure(await lost.promise)).toBe("transient");
    const next = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    expect(next.rows[0]?.pid).not.toBe(backend);
    await pool.end();
  });

  it("goes on when a connection in use is terminated between two statements", async () => {
    const lost = Promise.withResolvers<Error>();
    const pool = poolOf(1, lost.resolve);
    const client = await pool.connect();
    await client.query("BEGIN");
    await terminate(await backendOf(client));
    await lost.promise;
    const error = await failure(client.query("INSERT INTO public.notes VALUES (1, 'never')"));
    expect(classifyPostgresFailure(error)).toBe("transient");
    client.release(true);
    const rows = await pool.query("SELECT * FROM public.notes");
    expect(rows.rowCount).toBe(0);
    await pool.end();
  });
});

describe("a statement or a wait that takes too long", () => {
  it("is cancelled by the server and may be tried again", async () => {
    const pool = poolOf(1);
    const error = await failure(pool.query("SELECT pg_sleep(30)"));
    expect(error).toMatchObject({ code: "57014" });
    expect(classifyPostgresFailure(error)).toBe("transient");
    await pool.end();
  });

  it("is given up by our side, as an outage, when the server does not even cancel it", async () => {
    const pool = createPool({
      connection: database.connection("superuser"),
      applicationName: "pool-test",
      max: 1,
      answerTimeoutMs: 50,
    });
    const error = await failure(pool.query("SELECT pg_sleep(30)"));
    expect(error).toMatchObject({ message: "Query read timeout" });
    expect(classifyPostgresFailure(error)).toBe("transient");
    expect(isOutage(error)).toBe(true);
    await pool.end();
  });

  it("is refused when no connection becomes free in time", async () => {
    const pool = createPool({
      connection: database.connection("superuser"),
      applicationName: "pool-test",
      max: 1,
      // The first connection has to be there within it, on a busy machine, too.
      connectionTimeoutMs: 1_000,
    });
    const taken = await pool.connect();
    expect(classifyPostgresFailure(await failure(pool.connect()))).toBe("transient");
    taken.release();
    await pool.end();
  });
});

describe("the words of the driver for a broken connection", () => {
  it("are recognised when there is no server at the socket", async () => {
    const client = new pg.Client({ ...database.connection("api"), port: 5999 });
    expect(isConnectionLoss(await failure(client.connect()))).toBe(true);
  });

  it("are recognised on a client that was told of the end before", async () => {
    const client = new pg.Client(database.connection("superuser"));
    const ended = Promise.withResolvers<void>();
    client.on("error", () => undefined);
    client.on("end", () => ended.resolve());
    await client.connect();
    await terminate(await backendOf(client));
    await ended.promise;
    expect(isConnectionLoss(await failure(client.query("SELECT 1")))).toBe(true);
  });

  it("are recognised when our side ends the connection under a query", async () => {
    const client = new pg.Client(database.connection("superuser"));
    client.on("error", () => undefined);
    await client.connect();
    const pending = failure(client.query("SELECT pg_sleep(30)"));
    await client.end();
    expect(isConnectionLoss(await pending)).toBe(true);
  });
});

describe("values of columns", () => {
  it("are numbers, instants and calendar days, each without loss", async () => {
    const { rows } = await database.pool("superuser").query(
      `SELECT 9007199254740991::bigint AS largest, 1.5184::numeric(5,4) AS fraction,
              date '2021-01-13' AS day, timestamptz '2021-01-13 14:45:00+00' AS instant`,
    );
    expect(rows[0]).toEqual({
      largest: 9_007_199_254_740_991,
      fraction: 1.5184,
      day: "2021-01-13",
      instant: new Date("2021-01-13T14:45:00Z"),
    });
  });

  it("are refused when a bigint is not exact as a number", async () => {
    const query = database.pool("superuser").query("SELECT 9007199254740992::bigint");
    await expect(query).rejects.toMatchObject({ code: "postgres.number-out-of-range" });
  });
});
