import { setImmediate } from "node:timers/promises";
import { createPool } from "@amc/platform/postgres/pool";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { apiUnderTest, memoryLog } from "../testing/api-under-test.ts";
import { insertPositions, insertStory } from "../testing/insert-story.ts";
import { story } from "../testing/story.ts";
import { type WrittenStory, writeStory } from "../testing/story-log.ts";
import type { ReadModel, TablesState } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const ROUNDS = 150;
/** The state that two questions agree on: the server's own housekeeping writes now and then, too. */
async function settled(readModel: ReadModel): Promise<TablesState> {
  for (let tries = 0; tries < 20; tries += 1) {
    const state = await readModel.state();
    if ((await readModel.state()) === state) return state;
  }
  throw new Error("the tables are said to change although nobody writes");
}

/** Clients that ask all the time, so that questions are shared and answers kept. */
const BYSTANDERS = 8;
const URL_OF_RUNS = "/discovery/runs?limit=1";

describe("the state of the tables in PostgreSQL", () => {
  let database: TestDatabase;
  let projector: Pool;
  let readModel: ReadModel;
  let written: WrittenStory;

  beforeAll(async () => {
    database = await startTestPostgres();
    const told = story();
    written = await writeStory(memoryLog(), told);
    projector = database.pool("projector");
    readModel = createPostgresReadModel(database.pool("api"));
    await insertStory(projector, told, written.places);
    await insertPositions(projector, written.positions);
  });
  afterAll(() => database.drop());

  it("is the same until something is written, by whoever and to whatever table", async () => {
    let before = await settled(readModel);
    expect(before.positions).toHaveLength(written.positions.length);
    expect(before.positions).toEqual(
      expect.arrayContaining(written.positions.map((at) => ({ ...at, epoch: 1, owner: null }))),
    );
    const superuser = database.pool("superuser");
    for (const text of [
      "UPDATE projection_positions SET applied = applied + 1",
      "DELETE FROM event_index WHERE log_offset = 0",
      "UPDATE verdicts SET failed_gates = failed_gates",
      "CREATE TABLE another (x int)",
      "DROP TABLE another",
    ]) {
      await superuser.query(`SET search_path = read_model; ${text}`);
      expect(await readModel.state(), text).not.toBe(before);
      before = await settled(readModel);
    }
  });

  it("names who writes the tables, and another as soon as somebody takes them over", async () => {
    const [projection] = written.positions.map((at) => at.projection);
    const owners = async () => {
      const { positions } = await settled(readModel);
      return new Set(positions.filter((at) => at.projection === projection).map((at) => at.owner));
    };
    expect(await owners()).toEqual(new Set([null]));
    await projector.query(
      `INSERT INTO projection_owners (projection, partition, epoch, owner)
       SELECT DISTINCT projection, partition, 1, 'a' || partition FROM projection_positions`,
    );
    const first = await owners();
    expect(first).toContain("a0");
    await projector.query(
      "UPDATE projection_owners SET owner = 'b' WHERE partition = 0 AND projection = $1",
      [projection],
    );
    expect(await owners()).toEqual(new Set([...first, "b"].filter((owner) => owner !== "a0")));
  });

  it("tells a rebuild that was swapped in by its epoch, at positions that are what they were", async () => {
    const before = await settled(readModel);
    await projector.query("UPDATE projection_positions SET epoch = 7");
    const { positions } = await settled(readModel);
    const raised = before.positions.map((at) => ({ ...at, epoch: 7 }));
    expect(positions).toHaveLength(raised.length);
    expect(positions).toEqual(expect.arrayContaining(raised));
  });

  it("tells a transaction that is committed from one that is still open", async () => {
    const client = await projector.connect();
    await client.query("BEGIN");
    await client.query("UPDATE verdicts SET failed_gates = failed_gates");
    const open = await settled(readModel);
    await client.query("COMMIT");
    client.release();
    expect(await readModel.state()).not.toBe(open);
  });

  it("is never the same on a standby, whose snapshots may be equal and see different rows", async () => {
    const superuser = database.pool("superuser");
    await superuser.query("CREATE SCHEMA standby; GRANT USAGE ON SCHEMA standby TO PUBLIC");
    // A server that says of itself what a standby says; names of this path go before the server's own.
    await superuser.query(
      "CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    );
    const of = (schema: string) => {
      const connection = database.connection("api");
      return createPool({ connection, schema, applicationName: "standby", max: 1 });
    };
    const [standby, primary] = [of("standby,pg_catalog,read_model"), of("pg_catalog,read_model")];
    const states = createPostgresReadModel(standby);
    const before = await states.state();
    expect(before.positions).toHaveLength(written.positions.length);
    await expect(settled(states)).rejects.toThrow("although nobody writes");
    await expect(settled(createPostgresReadModel(primary))).resolves.toBeDefined();
    await Promise.all([standby.end(), primary.end()]);
  });

  it("is empty of positions where nothing has been projected", async () => {
    const empty = await startTestPostgres();
    const state = await createPostgresReadModel(empty.pool("api")).state();
    await empty.drop();
    expect(state).toEqual({ positions: [] });
  });

  it("lets a read of one statement make no second one", async () => {
    const two = readModel.readOnce(async (view) => [
      await view.positions(),
      await view.positions(),
    ]);
    await expect(two).rejects.toThrow("a second one");
  });

  /** Writes, asks, and counts answers that do not show what was written before they were asked for. */
  async function staleAnswers(served: ReadModel) {
    const config = { ...DEFAULT_API_CONFIG, requestsPerMinute: 1_000_000 };
    const app = await apiUnderTest({ readModel: served, config });
    let isDone = false;
    const bystanders = Array.from({ length: BYSTANDERS }, async () => {
      while (!isDone) {
        await app.inject({ url: URL_OF_RUNS });
        // Answers from memory follow each other without a turn of the event loop.
        await setImmediate();
      }
    });
    let stale = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      await projector.query("UPDATE discovery_runs SET execution_ms = $1", [round]);
      if ((await shownMs(app)) !== round) stale += 1;
    }
    isDone = true;
    await Promise.all(bystanders);
    await app.close();
    return stale;
  }

  async function shownMs(app: FastifyInstance): Promise<unknown> {
    return (await app.inject({ url: URL_OF_RUNS })).json().data[0].executionMs;
  }

  it("keeps every answer as new as its request, however many ask at once", async () => {
    const stale = await staleAnswers(readModel);
    console.log({ rounds: ROUNDS, bystanders: BYSTANDERS, stale });
    expect(stale).toBe(0);
  });

  it("is worth asking for: a build that keeps the state of its first question serves stale answers", async () => {
    // Stale must not hang on how fast others ask: here every answer after the first one made is.
    const first = readModel.state();
    expect(await staleAnswers({ ...readModel, state: () => first })).toBeGreaterThanOrEqual(
      ROUNDS - 1,
    );
  });
});
