import { createHash } from "node:crypto";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { CachedAnswers } from "@amc/projector/cached-answers";
import { DeadLetterExport } from "@amc/projector/dead-letters";
import { JoinKeys, joinsOf } from "@amc/projector/joins";
import { runTogether } from "@amc/projector/pipeline";
import { countOld, prune } from "@amc/projector/prune";
import { quietLogger } from "@amc/projector/testing/quiet-logger";
import { postgresView } from "@amc/query-api/read-model/postgres-view";
import type { RunQuery } from "@amc/query-api/read-model/stored-rows";
import { memoryLog } from "@amc/query-api/testing/api-under-test";
import { DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import type { ClientBase, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NEWEST_AT, READS } from "./testing/api-reads.ts";
import { readWhole, tellPlans, type WatchedPool, watchedPool } from "./testing/executed-plans.ts";
import { fillTables, ROWS } from "./testing/fill-tables.ts";
import { GROWING } from "./testing/growing-tables.ts";

/** Fifteen million rows and their indexes, on a machine that does other things too. */
const FILLING_MS = 600_000;
/** From the sixth execution on, the server may take a plan that is the same for all values. */
const EXECUTIONS = 7;
const DAY_MS = 86_400_000;
const SLOT_MS = 900_000;
/** Of the tables that have one row an instant. */
const OLDEST_AT = NEWEST_AT - (ROWS - 1) * SLOT_MS;

let database: TestDatabase;
let api: WatchedPool;
let projector: WatchedPool;

beforeAll(async () => {
  database = await startTestPostgres();
  await fillTables(database, NEWEST_AT);
  await tellPlans(database);
  api = watchedPool(database, "api");
  projector = watchedPool(database, "projector");
}, FILLING_MS);
afterAll(async () => {
  await Promise.all([api?.pool.end(), projector?.pool.end()]);
  await database?.drop();
});

/** Executes statements as the API does. Rows with an event stay behind: theirs are cut to a byte. */
function executedBy(pool: Pool): RunQuery {
  return async (text, values) => {
    const name = createHash("sha256").update(text).digest("base64url");
    const { rows } = await pool.query<Record<string, unknown>>({ name, text, values: [...values] });
    return rows.filter((row) => !("event" in row));
  };
}

/** What a batch joins that holds the newest instants of every topic. */
async function newestKeys(client: ClientBase): Promise<JoinKeys> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT event_id::text AS id FROM verdicts ORDER BY happened_at DESC, event_id DESC LIMIT 500",
  );
  const keys = new JoinKeys();
  for (const { id } of rows) {
    keys.verdicts.add(id);
    keys.features.add(id);
  }
  for (const at of [NEWEST_AT, NEWEST_AT - SLOT_MS]) {
    for (const ticks of [keys.ticks, keys.timedTicks, keys.runTicks]) ticks.add(at);
  }
  keys.calls = { first: NEWEST_AT - SLOT_MS, last: NEWEST_AT };
  keys.experiments.add("S0");
  return keys;
}

describe("over a million rows in each table that grows (R-DB-19)", () => {
  it("which they are", async () => {
    const { rows } = await database.pool("superuser").query<{ name: string; rows: number }>(
      `SELECT relname AS name, reltuples::float8 AS rows FROM pg_class
       WHERE relnamespace = 'read_model'::regnamespace AND relkind = 'r' AND reltuples >= $1`,
      [0.99 * ROWS],
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(GROWING.map(({ table }) => table).sort());
  });

  const reads = Object.entries(READS).flatMap(([what, ways]) =>
    ways.map((way, index) => ({ what: `${what}, ${index + 1} of ${ways.length}`, ...way })),
  );

  it.each(reads)("the API answers `$what` from $index", async ({ read, index, sorts }) => {
    const view = postgresView(executedBy(api.pool));
    for (let times = 0; times < EXECUTIONS; times += 1) await read(view);
    const plans = api.takePlans();
    expect(plans).toHaveLength(EXECUTIONS);
    for (const executed of plans) {
      if (index !== null) expect(executed.plan).toContain(index);
      expect(readWhole(executed), executed.plan).toEqual([]);
      if (sorts !== true) expect(executed.plan).not.toMatch(/\bSort\b/);
    }
  });

  it.each(["signals", "discovery"] as const)(
    "the projector joins a batch of %s without reading a table whole",
    async (projection) => {
      const client = await projector.pool.connect();
      const statements = joinsOf(projection, await newestKeys(client));
      projector.takePlans();
      try {
        await client.query("BEGIN");
        for (let times = 0; times < EXECUTIONS; times += 1) await runTogether(client, statements);
        await client.query("ROLLBACK");
      } finally {
        client.release();
      }
      const plans = projector.takePlans();
      expect(plans).toHaveLength(EXECUTIONS * statements.length);
      for (const executed of plans) expect(readWhole(executed), executed.statement).toEqual([]);
    },
  );

  it("a projector that starts warms the cache and looks for dead letters without reading a table whole", async () => {
    const log = memoryLog();
    const [topic, partition] = ["signals.detection.v1", 0] as const;
    const letters = await DeadLetterExport.open(log, "signals");
    await letters.standAt([{ topic, partition, epoch: 1, nextOffset: ROWS }]);
    const client = await projector.pool.connect();
    projector.takePlans();
    try {
      await letters.catchUp(client);
      const answers = new CachedAnswers(
        createMemoryCache(() => 0),
        quietLogger,
        DEFAULT_CACHE,
      );
      await answers.warm(client);
    } finally {
      client.release();
    }
    const plans = projector.takePlans();
    for (const table of ["dead_letters", "discovery_runs"]) {
      expect(
        plans.some(({ plan }) => plan.includes(`on ${table}`)),
        table,
      ).toBe(true);
    }
    for (const executed of plans) expect(readWhole(executed), executed.statement).toEqual([]);
  });

  it("a cleanup finds what is old, and that nothing is, by its age", async () => {
    // Ten days of the tables that are kept for 90, and nothing of the others.
    const asOf = OLDEST_AT + 100 * DAY_MS;
    const old = (10 * DAY_MS) / SLOT_MS;
    const expected = {
      provider_api_calls: old,
      circuit_breaker_events: old,
      detector_performance: 0,
      ab_testing_results: 0,
      discovery_audit_log: 0,
      short_interest_data: 0,
      short_interest_quality: 0,
      short_interest_jobs: 0,
      job_runs: 0,
      operational_alerts: 0,
      hour_metrics: 0,
    };
    projector.takePlans();
    expect(Object.fromEntries(await countOld(projector.pool, asOf))).toEqual(expected);
    expect(Object.fromEntries(await prune(projector.pool, asOf))).toEqual(expected);
    const plans = projector.takePlans();
    expect(plans).toHaveLength(2 * Object.keys(expected).length);
    for (const executed of plans) {
      expect(executed.plan).toMatch(/idx_\w+_(age|created)/);
      expect(readWhole(executed), executed.statement).toEqual([]);
    }
  });

  it("a cleanup of far more than one statement deletes begins with the oldest rows", async () => {
    const stop = new AbortController();
    projector.pool.once("release", () => stop.abort());
    projector.takePlans();
    const all = prune(projector.pool, NEWEST_AT + 1_000 * DAY_MS, { signal: stop.signal });
    await expect(all).rejects.toThrow("aborted");
    const [executed] = projector.takePlans();
    expect(executed?.plan).toMatch(/Index Scan using idx_provider_api_calls_age/);
  });

  it("a plan that reads a table whole would be noticed", async () => {
    await projector.pool.query("SELECT count(*) FROM detections WHERE label = 'x'");
    expect(projector.takePlans().map(readWhole)).toEqual([["detections"]]);
  });
});
