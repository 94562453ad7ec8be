import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { API_CONNECTIONS } from "./database.ts";
import type { System } from "./system.ts";
import { TestDirectory } from "./testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "./testing/system-on-database.ts";

const REQUESTS = 60;
const GATE = 4_711;

let directory: TestDirectory;
let database: TestDatabase;
let observer: Pool;
let system: System;
beforeEach(async () => {
  directory = new TestDirectory();
  database = await startTestPostgres();
  observer = database.pool("superuser");
  system = await systemOnDatabase(directory.path, database);
});
afterEach(async () => {
  await system.stop();
  await database.drop();
  directory.dispose();
});

/** Connections of the API, and how many of them stand at the gate. */
async function connections(): Promise<{ open: number; waiting: number }> {
  const { rows } = await observer.query<{ open: number; waiting: number }>(
    `SELECT count(*)::int4 AS open,
            (count(*) FILTER (WHERE wait_event_type = 'Lock'))::int4 AS waiting
     FROM pg_stat_activity WHERE application_name = 'amc-api' AND datname = current_database()`,
  );
  return rows[0] ?? { open: 0, waiting: 0 };
}

describe("the API's connections", () => {
  it("are 50 under 60 concurrent requests; the other ten wait their turn and are answered (R-DB-20)", async () => {
    expect(API_CONNECTIONS).toBe(50);
    const keeper = await observer.connect();
    await keeper.query("SELECT pg_advisory_lock($1)", [GATE]);
    // No statement ends while the gate is shut, so nobody's turn comes early on a fast machine.
    const text = "SELECT pg_advisory_xact_lock_shared($1)";
    // The time limits of a statement are not what this is about.
    const request = { text, values: [GATE], query_timeout: 600_000 };
    const { api } = system.database;
    const answers = Array.from({ length: REQUESTS }, async () => {
      const client = await api.connect();
      try {
        await client.query("BEGIN");
        await client.query("SET LOCAL statement_timeout = 0");
        await client.query(request);
        await client.query("COMMIT");
      } finally {
        client.release();
      }
    });
    const settled = Promise.allSettled(answers);
    while ((await connections()).waiting < API_CONNECTIONS) await new Promise(setImmediate);
    expect(await connections()).toEqual({ open: API_CONNECTIONS, waiting: API_CONNECTIONS });
    expect(api.waitingCount).toBe(REQUESTS - API_CONNECTIONS);
    await keeper.query("SELECT pg_advisory_unlock($1)", [GATE]);
    keeper.release();
    expect(new Set((await settled).map(({ status }) => status))).toEqual(new Set(["fulfilled"]));
    expect(api.totalCount).toBeLessThanOrEqual(API_CONNECTIONS);
    expect(api.waitingCount).toBe(0);
  });

  it("serve 60 concurrent requests over HTTP, every one with the same answer", async () => {
    await playBuiltIn(system);
    const isDone = async () =>
      (await system.processor.lag()) === 0 && (await system.projector.caughtUp());
    while (!(await isDone())) await Promise.race([new Promise(setImmediate), system.ended]);
    const responses = await Promise.all(
      Array.from({ length: REQUESTS }, () => fetch(`${system.address}/recommendations`)),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const listed = await Promise.all(
      responses.map(async (response) => {
        const body: unknown = await response.json();
        const hasData = typeof body === "object" && body !== null && "data" in body;
        return JSON.stringify(hasData ? body.data : body);
      }),
    );
    expect(new Set(listed).size).toBe(1);
    expect((await connections()).open).toBeLessThanOrEqual(API_CONNECTIONS);
  });
});
