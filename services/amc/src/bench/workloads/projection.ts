import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import { createProjector } from "@amc/projector/projector";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { TABLE_NAMES } from "@amc/streams/projections/tables";
import pg, { type ClientConfig, type Pool } from "pg";
import { type Database, openDatabase } from "../../database.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

const SIZES: Readonly<Record<Scale, { symbols: number; minutes: number }>> = {
  small: { symbols: 50, minutes: 60 },
  full: { symbols: 300, minutes: 120 },
};
/** The server takes a moment to add up what ended connections did. */
const STATISTICS_MS = 500;
const WARM_UP_SESSIONS = 105;
const RAW_ROWS: Readonly<Record<Scale, number>> = { small: 20_000, full: 200_000 };
/** Rows per statement of the raw limit, as in the peers' runs. */
const RAW_BATCH = 1_000;

export const PROJECTION: Workload = {
  name: "projection",
  summary: "rows of a simulated market written by the projector, beside bare batched upserts",
  simulated: true,
  metrics: {
    rowsPerSecond: { unit: "rows/s", atLeast: 40_000 },
    recordsPerSecond: { unit: "records/s" },
    rawUpsertsPerSecond: { unit: "rows/s" },
  },
  run: measureProjection,
};

async function measureProjection(scale: Scale): Promise<Measured> {
  const size = { ...SIZES[scale], warmupSessions: WARM_UP_SESSIONS, sessions: 1, seed: 20250721 };
  const log = await runInMemory(simulatedMarket(size), replayTopology());
  return withDatabase(async (database) => {
    const pool = createPool({
      connection: database.connections.projector,
      applicationName: "amc-bench",
      max: PROJECTION_NAMES.length,
    });
    const projector = createProjector({
      log,
      pool,
      cache: createMemoryCache(() => performance.now()),
      logger: createLogger("error"),
    });
    const before = await writesOf(database.api);
    const watch = new Stopwatch();
    const { records } = await projector.runUntilCaughtUp();
    const elapsedMs = watch.elapsedMs();
    // A connection that ends hands in its statistics.
    await pool.end();
    const rows = (await writesOf(database.api)) - before;
    const raw = await rawUpserts(database.connections.migrator, RAW_ROWS[scale]);
    return {
      values: {
        rowsPerSecond: perSecond(rows, elapsedMs),
        recordsPerSecond: perSecond(records, elapsedMs),
        rawUpsertsPerSecond: raw,
      },
      facts: { ...SIZES[scale], records, rows },
    };
  });
}

/** A server of its own, as `npm start` makes one, in a directory that goes afterwards. */
async function withDatabase<Result>(work: (database: Database) => Promise<Result>) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "amc-bench-"));
  try {
    const database = await openDatabase({
      dataDirectory,
      url: undefined,
      binaries: undefined,
      onFailure: (error) => {
        throw error;
      },
    });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** Rows inserted or updated in the read model so far, by the server's own statistics. */
async function writesOf(pool: Pool): Promise<number> {
  await setTimeout(STATISTICS_MS);
  const { rows } = await pool.query<{ writes: string }>(
    `SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::text AS writes
     FROM pg_stat_user_tables WHERE relname = ANY($1)`,
    [TABLE_NAMES],
  );
  return Number(rows[0]?.writes ?? 0);
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
