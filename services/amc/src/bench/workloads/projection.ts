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

/** The session that is projected. */
export const PROJECTED_MARKET = (scale: Scale) => ({
  ...SIZES[scale],
  ...{ warmupSessions: WARM_UP_SESSIONS, sessions: 1, seed: 20250721 },
});

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
  const log = await runInMemory(simulatedMarket(PROJECTED_MARKET(scale)), replayTopology());
  const projected = await withDatabase((database) => projectAndCompare(log, database));
  const { rows, records, elapsedMs, cpuMs } = projected;
  const decodedRowsPerSecond = await decodedRate(log, rows);
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
export async function projectAndCompare(log: Log, database: Database) {
  const projected = await project(log, database);
  const { rows, tables } = await writesOf(database.api);
  const raw = await rawUpserts(database.connections.migrator, RAW_ROWS);
  return { ...projected, rows, tables, raw };
}

/** What a projector makes of the whole log. */
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
  return { records, elapsedMs, cpuMs };
}

/** Rows per second of the same rows, `rows` in all, when they have been read and decoded before. */
export function decodedRate(log: Log, rows: number): Promise<number> {
  return withDatabase(async (database) => perSecond(rows, await writeDecoded(log, database)));
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

/** Name and type of the columns, after those of the peers' program for PostgreSQL. */
const RAW_COLUMNS = {
  ...{ symbol: "text", bar_end: "timestamptz", close: "float8", ema9: "float8", ema20: "float8" },
  ...{ rsi14: "float8", atr14: "float8", vwap: "float8", relvol: "float8", session: "int4" },
};
const RAW_NAMES = Object.keys(RAW_COLUMNS);
const RAW_TYPES = Object.values(RAW_COLUMNS);
const RAW_TABLE = `CREATE TABLE public.bench_bar (
  ${RAW_NAMES.map((name, index) => `${name} ${RAW_TYPES[index]} NOT NULL`).join(", ")},
  PRIMARY KEY (symbol, bar_end))`;
const RAW_UPSERT = `INSERT INTO public.bench_bar
  SELECT * FROM unnest(${RAW_TYPES.map((type, index) => `$${index + 1}::${type}[]`).join(", ")})
  ON CONFLICT (symbol, bar_end)
  DO UPDATE SET ${RAW_NAMES.slice(2)
    .map((name) => `${name} = excluded.${name}`)
    .join(", ")}`;
const RAW_SYMBOLS = 200;
const RAW_FIRST_MS = Date.UTC(2025, 0, 6, 14, 31);

function rawRow(index: number): readonly (string | number)[] {
  const minute = Math.floor(index / RAW_SYMBOLS);
  const price = 100 + (index % 977) / 7;
  return [
    `SYM${String(index % RAW_SYMBOLS).padStart(3, "0")}`,
    new Date(RAW_FIRST_MS + minute * 60_000).toISOString(),
    ...[price, price * 1.001, price * 0.999, 50 + (index % 40), 0.5 + (index % 13) / 10],
    ...[price * 1.0005, 2.5 + (index % 31) / 10, Math.floor(minute / 390)],
  ];
}

/**
 * Rows per second of one connection that only upserts rows made beforehand, as the peers' program
 * does: ten columns, all new. Unlike it, and like the projector, no commit waits for the disk.
 */
async function rawUpserts(connection: ClientConfig, count: number): Promise<number> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(RAW_TABLE);
    await client.query("SET synchronous_commit = off");
    const rows = Array.from({ length: count }, (_, index) => rawRow(index));
    const watch = new Stopwatch();
    for (let first = 0; first < count; first += RAW_BATCH) {
      const batch = rows.slice(first, first + RAW_BATCH);
      const values = RAW_NAMES.map((_, column) => batch.map((row) => row[column]));
      await client.query({ name: "raw-upsert", text: RAW_UPSERT, values });
    }
    return perSecond(count, watch.elapsedMs());
  } finally {
    await client.end();
  }
}
