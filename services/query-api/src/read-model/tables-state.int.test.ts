import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { apiUnderTest, memoryLog } from "../testing/api-under-test.ts";
import { insertPositions, insertStory } from "../testing/insert-story.ts";
import { story } from "../testing/story.ts";
import { type WrittenStory, writeStory } from "../testing/story-log.ts";
import type { ReadModel } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const ROUNDS = 150;
/** Clients that ask all the time, so that questions are shared and answers kept. */
const BYSTANDERS = 8;
const URL_OF_RUNS = "/discovery/runs?limit=1";

describe("the state of the tables in PostgreSQL", () => {
  let database: TestDatabase;
  let written: WrittenStory;

  beforeAll(async () => {
    database = await startTestPostgres();
    const told = story();
    written = await writeStory(memoryLog(), told);
    await insertStory(database.pool("projector"), told, written.places);
    await insertPositions(database.pool("projector"), written.positions);
  });
  afterAll(() => database.drop());

  const write = (text: string, values: unknown[] = []) =>
    database.pool("projector").query(text, values);

  it("is the same until something is written, by whoever and to whatever table", async () => {
    const readModel = createPostgresReadModel(database.pool("api"));
    let before = await readModel.state();
    expect(await readModel.state()).toBe(before);
    expect(before.positions).toHaveLength(written.positions.length);
    expect(before.positions).toEqual(expect.arrayContaining([...written.positions]));
    for (const text of [
      "UPDATE projection_positions SET applied = applied + 1",
      "DELETE FROM event_index WHERE log_offset = 0",
      "UPDATE verdicts SET failed_gates = failed_gates",
      "CREATE TABLE another (x int)",
      "DROP TABLE another",
    ]) {
      await database.pool("superuser").query(`SET search_path = read_model; ${text}`);
      const after = await readModel.state();
      expect(after, text).not.toBe(before);
      expect(await readModel.state()).toBe(after);
      before = after;
    }
  });

  it("tells a transaction that is committed from one that is still open", async () => {
    const readModel = createPostgresReadModel(database.pool("api"));
    const client = await database.pool("projector").connect();
    await client.query("BEGIN");
    await client.query("UPDATE verdicts SET failed_gates = failed_gates");
    const open = await readModel.state();
    expect(await readModel.state()).toBe(open);
    await client.query("COMMIT");
    client.release();
    expect(await readModel.state()).not.toBe(open);
  });

  it("is empty of positions where nothing has been projected", async () => {
    const empty = await startTestPostgres();
    const state = await createPostgresReadModel(empty.pool("api")).state();
    await empty.drop();
    expect(state).toEqual({ positions: [] });
  });

  it("lets a read of one statement make no second one", async () => {
    const readModel = createPostgresReadModel(database.pool("api"));
    const two = readModel.readOnce(async (view) => [
      await view.positions(),
      await view.positions(),
    ]);
    await expect(two).rejects.toThrow("a second one");
  });

  /** Writes, asks, and counts answers that do not show what was written before they were asked for. */
  async function staleAnswers(readModel: ReadModel) {
    const config = { ...DEFAULT_API_CONFIG, requestsPerMinute: 1_000_000 };
    const app = await apiUnderTest({ readModel, config });
    let isDone = false;
    const bystanders = Array.from({ length: BYSTANDERS }, async () => {
      while (!isDone) await app.inject({ url: URL_OF_RUNS });
    });
    let stale = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      await write("UPDATE discovery_runs SET execution_ms = $1", [round]);
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
    const stale = await staleAnswers(createPostgresReadModel(database.pool("api")));
    console.log({ rounds: ROUNDS, bystanders: BYSTANDERS, stale });
    expect(stale).toBe(0);
  });

  it("is worth asking for: a build that asks for every tenth request serves stale answers", async () => {
    const readModel = createPostgresReadModel(database.pool("api"));
    let asked = 0;
    let known = readModel.state();
    const lazy: ReadModel = {
      ...readModel,
      state: () => {
        asked += 1;
        if (asked % 10 === 0) known = readModel.state();
        return known;
      },
    };
    expect(await staleAnswers(lazy)).toBeGreaterThan(0);
  });
});
