import { createPool } from "@amc/platform/postgres/pool";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { PoolClient } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arrayOf, type Parameter, textOf } from "./column-array.ts";
import { runTogether } from "./pipeline.ts";
import type { Statement } from "./statement.ts";
import { poolOf } from "./testing/projector-fixture.ts";

describe("statements sent together", () => {
  let database: TestDatabase;
  let client: PoolClient;

  beforeAll(async () => {
    database = await startTestPostgres();
    await poolOf(database, "migrator").query("CREATE TABLE public.noted (n integer, t text)");
  });
  afterAll(async () => {
    await database.drop();
  });
  beforeEach(async () => {
    await poolOf(database, "migrator").query("TRUNCATE public.noted");
    client = await poolOf(database, "migrator").connect();
  });
  afterEach(() => {
    client.release();
  });

  function statement(name: string, text: string, parameters: readonly Parameter[] = []): Statement {
    return { name, text, parameters };
  }

  /** Notes numbers; -1 divides by zero and fails. */
  function note(numbers: readonly number[], text = "some"): Statement {
    return statement(
      "note",
      "INSERT INTO public.noted SELECT n / (n + 1) * 0 + n, $2 FROM unnest($1::int4[]) AS n",
      [arrayOf("integer", numbers), textOf(text)],
    );
  }

  const begin = statement("begin", "BEGIN");
  const commit = statement("commit", "COMMIT");

  async function noted(): Promise<number[]> {
    const { rows } = await poolOf(database, "migrator").query<{ n: number }>(
      "SELECT n FROM public.noted ORDER BY n",
    );
    return rows.map(({ n }) => n);
  }

  it("are one transaction, in their order, as often as wanted on one connection", async () => {
    await runTogether(client, [begin, note([1, 2]), note([3]), commit]);
    await runTogether(client, [begin, note([4]), commit]);
    expect(await noted()).toEqual([1, 2, 3, 4]);
  });

  // Found by the start-up benchmark: a process that was done lived on for 25 s, and so did the values
  // of every batch of these 25 s.
  it("leave no timer behind when answers are waited for only so long", async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    const pool = createPool({
      connection: database.connection("migrator"),
      ...{ applicationName: "impatient", max: 1, answerTimeoutMs: 3_600_000 },
    });
    const impatient = await pool.connect();
    const before = timers();
    await runTogether(impatient, [begin, note([1]), commit]);
    await expect(runTogether(impatient, [begin, note([-1]), commit])).rejects.toThrow("note");
    expect(timers()).toBe(before);
    impatient.release(true);
    await pool.end();
  });

  it("leave nothing when one fails, name it, and skip all behind it, a COMMIT too", async () => {
    const failing = runTogether(client, [begin, note([1]), note([-1]), note([2]), commit]);
    await expect(failing).rejects.toMatchObject({
      facts: { statement: "note" },
      cause: { code: "22012" },
    });
    await client.query("ROLLBACK");
    expect(await noted()).toEqual([]);
  });

  it("run on the same connection after a failure, whatever had been prepared before it", async () => {
    const wrong = statement("wrong", "SELECT 1 / 0");
    await expect(runTogether(client, [begin, note([1]), wrong, commit])).rejects.toThrow("wrong");
    await client.query("ROLLBACK");
    await expect(runTogether(client, [begin, note([-1]), commit])).rejects.toThrow("note");
    await client.query("ROLLBACK");
    await runTogether(client, [begin, note([5]), commit]);
    expect(await noted()).toEqual([5]);
  });

  it("arrive whole when they are larger than what is sent at once", async () => {
    const large = "x".repeat(300_000);
    await runTogether(client, [begin, note([1], large), note([2], large), note([3]), commit]);
    const { rows } = await client.query("SELECT sum(length(t))::integer AS sum FROM public.noted");
    expect(rows).toEqual([{ sum: 600_004 }]);
  });

  it("fail as a defect, with the connection usable, when a value has a foreign type", async () => {
    const foreign = statement("note", note([]).text, [arrayOf("integer", [true]), textOf("")]);
    const failing = runTogether(client, [begin, note([1]), foreign, commit]);
    await expect(failing).rejects.toMatchObject({ cause: expect.any(TypeError) });
    await client.query("ROLLBACK");
    await runTogether(client, [begin, note([6]), commit]);
    expect(await noted()).toEqual([6]);
  });

  it("fail with the connection's error when it breaks under them", async () => {
    const own = await database.pool("superuser").connect();
    const end = statement("end", "SELECT pg_terminate_backend(pg_backend_pid())");
    const failing = runTogether(own, [begin, end, commit]);
    await expect(failing).rejects.toMatchObject({
      facts: { statement: "end" },
      cause: { code: "57P01" },
    });
    own.release(true);
  });
});
