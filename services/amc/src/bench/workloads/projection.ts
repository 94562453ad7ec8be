import { setImmediate, setTimeout } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import { type Batch, prepareBatch } from "@amc/projector/batch";
import { BatchReader } from "@amc/projector/batch-reader";
import { commitBatch } from "@amc/projector/commit-batch";
import { claimProjection } from "@amc/projector/positions";
import { createProjector } from "@amc/projector/projector";
import { withClient } from "@amc/projector/with-client";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { PROJECTION_NAMES, type ProjectionName } from "@amc/streams/projections/projections";
import { TABLE_NAMES, type TableName } from "@amc/streams/projections/tables";
import pg, { type ClientConfig, type Pool } from "pg";
import type { Database } from "../../database.ts";
import { withDatabase } from "../own-database.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

const SIZES: Readonly<Record<Scale, { symbols: number; minutes: number }>> = {
  small: { symbols: 50, minutes: 60 },
  // A whole session: shorter runs time the compiler more than the projector.
  full: { symbols: 300, minutes: 390 },
};
/** The server takes a moment to add up what ended connections did. */
const STATISTICS_MS = 500;
const WARM_UP_SESSIONS = 105;
const RAW_ROWS = 200_000;
/** Rows per statement of the raw limit, as in the peers' runs. */
const RAW_BATCH = 1_000;

export const PROJECTION: Workload = {
  name: "projection",
  summary:
    "a simulated session projected; the same rows decoded beforehand; bare upserts of narrow rows",
  simulated: true,
  metrics: {
    rowsPerSecond: { unit: "rows/s", atLeast: 40_000 },
    rowsPerCpuSecond: { unit: "rows/CPU s" },
    recordsPerSecond: { unit: "records/s" },
    decodedRowsPerSecond: { unit: "rows/s" },
    rawUpsertsPerSecond: { unit: "rows/s" },
  },
  run: measureProjection,
};

async function measureProjection(scale: Scale): Promise<Measured> {
  const size = { ...SIZES[scale], warmupSessions: WARM_UP_SESSIONS, sessions: 1, seed: 20250721 };
  const log = await runInMemory(simulatedMarket(size), replayTopology());
  const projected = await withDatabase((database) => project(log, database));
  const decodedRowsPerSecond = await withDatabase(async (database) =>
    perSecond(projected.rows, await writeDecoded(log, database)),
  );
  const { rows, records, elapsedMs, cpuMs } = projected;
  return {
    values: {
      rowsPerSecond: perSecond(rows, elapsedMs),
      rowsPerCpuSecond: perSecond(rows, cpuMs),
      recordsPerSecond: perSecond(records, elapsedMs),
      decodedRowsPerSecond,
      rawUpsertsPerSecond: projected.raw,
    },
    facts: { ...SIZES[scale], records, rows, ...projected.tables },
  };
}

/** What a projector makes of the whole log, and what the same server takes of narrow rows. */
export async function project(log: Log, database: Database) {
  const pool = projectorPool(database);
  const projector = createProjector({
    log,
    pool,
    cache: createMemoryCache(() => performance.now()),
    logger: createLogger("error"),
  });
  const watch = new Stopwatch();
  const { records } = await projector.runUntilCaughtUp();
  const elapsedMs = watch.elapsedMs();
  const cpuMs = watch.cpuMs();
  // A connection that ends hands in its statistics.
  await pool.end();
  const { rows, tables } = await writesOf(database.api);
  const raw = await rawUpserts(database.connections.migrator, RAW_ROWS);
  return { records, elapsedMs, cpuMs, rows, tables, raw };
}

/** Ms to write all batches of the log when they have been read and decoded before. */
async function writeDecoded(log: Log, database: Database): Promise<number> {
  const pool = projectorPool(database);
  const batches = new Map<ProjectionName, Batch[]>();
  for (const projection of PROJECTION_NAMES) {
    batches.set(projection, await batchesOf(log, pool, projection));
  }
  const watch = new Stopwatch();
  await Promise.all(
    [...batches].map(async ([projection, all]) => {
      for (const batch of all) await commitBatch(pool, projection, batch);
    }),
  );
  const elapsedMs = watch.elapsedMs();
  await pool.end();
  return elapsedMs;
}

async function batchesOf(log: Log, pool: Pool, projection: ProjectionName): Promise<Batch[]> {
  const positions = await withClient(pool, async (client) => {
    await client.query("BEGIN");
    const claimed = await claimProjection(client, log, projection, "bench");
    await client.query("COMMIT");
    return claimed;
  });
  const reader = new BatchReader(log, projection, positions);
  const batches: Batch[] = [];
  for (;;) {
    const chunks = await reader.read();
    if (chunks.length === 0) return batches;
    batches.push(await prepareBatch(projection, chunks, setImmediate));
  }
}

function projectorPool({ connections }: Database): Pool {
  return createPool({
    connection: connections.projector,
    applicationName: "amc-bench",
    max: PROJECTION_NAMES.length,
  });
}

/** Rows inserted or updated in the read model, all and by table, by the server's own statistics. */
async function writesOf(pool: Pool) {
  await setTimeout(STATISTICS_MS);
  const { rows: written } = await pool.query<{ name: TableName; writes: number }>(
    `SELECT relname AS name, (n_tup_ins + n_tup_upd)::float8 AS writes
     FROM pg_stat_user_tables WHERE relname = ANY($1) ORDER BY writes DESC`,
    [TABLE_NAMES],
  );
  let rows = 0;
  const tables: Record<string, string> = {};
  for (const { name, writes } of written.filter((table) => table.writes > 0)) {
    rows += writes;
    tables[name] = `${writes} rows of ${await rowBytes(pool, name)} bytes`;
  }
  return { rows, tables };
}

async function rowBytes(pool: Pool, name: TableName): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `SELECT round(avg(pg_column_size(written)))::float8 AS bytes FROM ${name} AS written`,
  );
  return rows[0]?.bytes ?? 0;
}

const RAW_TABLE = `CREATE TABLE public.bench_bar (
  symbol text, bar_end bigint, open float8, high float8, low float8, close float8,
  volume float8, a float8, b float8, c float8, PRIMARY KEY (symbol, bar_end))`;
const RAW_UPSERT = `INSERT INTO public.bench_bar
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[],
    $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[])
  ON CONFLICT (symbol, bar_end) DO UPDATE SET open = excluded.open, close = excluded.close`;

/** Rows per second of one connection that only upserts: ten columns, all new, commits not synced. */
async function rawUpserts(connection: ClientConfig, rows: number): Promise<number> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(RAW_TABLE);
    await client.query("SET synchronous_commit = off");
    const watch = new Stopwatch();
    for (let first = 0; first < rows; first += RAW_BATCH) {
      const numbers = Array.from({ length: RAW_BATCH }, (_, index) => first + index);
      const symbols = numbers.map((number) => `SYM${number % 200}`);
      const prices = numbers.map((number) => 10 + (number % 977) / 100);
      const values = [symbols, numbers, ...Array.from({ length: 8 }, () => prices)];
      await client.query({ name: "raw-upsert", text: RAW_UPSERT, values });
    }
    return perSecond(rows, watch.elapsedMs());
  } finally {
    await client.end();
  }
}
