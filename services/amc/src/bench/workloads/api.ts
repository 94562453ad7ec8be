import { setTimeout } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import { createProjector } from "@amc/projector/projector";
import { createApi } from "@amc/query-api/app";
import { DEFAULT_API_CONFIG } from "@amc/query-api/config";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import fastify, { type FastifyInstance } from "fastify";
import type { Database } from "../../database.ts";
import { type LoadResult, load } from "../http-load.ts";
import { withDatabase } from "../own-database.ts";
import { profiled } from "../profiler.ts";
import { perSecond } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

const MARKET = { symbols: 100, minutes: 60, warmupSessions: 105, sessions: 1, seed: 20250721 };
const SYMBOL = "SIM0004";
const CONNECTIONS = 50;
const MS: Readonly<Record<Scale, number>> = { small: 1_000, full: 8_000 };
const WARM_UP_MS = 1_000;
/** Beyond any load: the limit is not what is measured. */
const REQUESTS_PER_MINUTE = 100_000_000;
/** Between two transactions that change the tables, ms: what a projector does at 50 slices a second. */
const CHANGE_EVERY_MS = 20;

export const API: Workload = {
  name: "api",
  summary:
    "API against the same select in a bare fastify route: one symbol, one recommendation, all symbols while tables change",
  simulated: true,
  metrics: {
    requestsPerSecond: { unit: "requests/s" },
    p99: { unit: "ms" },
    bareRequestsPerSecond: { unit: "requests/s" },
    bareP99: { unit: "ms" },
    shareOfBare: { unit: "%", atLeast: 60 },
    recommendationsPerSecond: { unit: "requests/s" },
    recommendationShareOfBare: { unit: "%", atLeast: 60 },
    changingRequestsPerSecond: { unit: "requests/s" },
    changingP99: { unit: "ms" },
    changingShareOfBare: { unit: "%" },
  },
  run: measureApi,
};

async function measureApi(scale: Scale): Promise<Measured> {
  const topology = replayTopology();
  const log = await runInMemory(simulatedMarket(MARKET), topology);
  return withDatabase(async (database) => {
    await fill(log, database);
    const config = { ...DEFAULT_API_CONFIG, port: 0, requestsPerMinute: REQUESTS_PER_MINUTE };
    const app = await createApi({
      ...{ config, log, topology, logger: createLogger("error") },
      readModel: createPostgresReadModel(database.api),
      cache: createMemoryCache(() => performance.now()),
      nowMs: Date.now,
    });
    const api = await Served.open(app, MS[scale]);
    const bare = await Served.open(bareApp(database), MS[scale]);
    const paths = await pathsOf(database);
    try {
      return await compared(api, bare, paths, database);
    } finally {
      await Promise.all([api.close(), bare.close()]);
    }
  });
}

interface Paths {
  readonly symbol: string;
  readonly symbols: readonly string[];
  readonly recommendation: string;
}

async function compared(
  api: Served,
  bare: Served,
  { symbol, symbols, recommendation }: Paths,
  database: Database,
): Promise<Measured> {
  const newest = (path: string): string => `${path}?limit=1`;
  const one = await profiled(() => api.load([newest(symbol)]));
  const bareOne = await bare.load([symbol]);
  const known = await api.load([recommendation]);
  const bareKnown = await bare.load([recommendation]);
  const changing = await whileChanging(database, () => api.load(symbols.map(newest)));
  const bareChanging = await whileChanging(database, () => bare.load(symbols));
  const share = (ours: LoadResult, its: LoadResult) => (100 * rateOf(ours)) / rateOf(its);
  return {
    values: {
      requestsPerSecond: rateOf(one),
      p99: one.p99Ms,
      bareRequestsPerSecond: rateOf(bareOne),
      bareP99: bareOne.p99Ms,
      shareOfBare: share(one, bareOne),
      recommendationsPerSecond: rateOf(known),
      recommendationShareOfBare: share(known, bareKnown),
      changingRequestsPerSecond: rateOf(changing),
      changingP99: changing.p99Ms,
      changingShareOfBare: share(changing, bareChanging),
    },
    facts: { connections: CONNECTIONS, p50Ms: one.p50Ms, bareP50Ms: bareOne.p50Ms },
  };
}

async function fill(log: Log, database: Database): Promise<void> {
  const pool = createPool({
    connection: database.connections.projector,
    applicationName: "amc-bench",
    max: PROJECTION_NAMES.length,
  });
  await createProjector({
    ...{ log, pool, logger: createLogger("error") },
    cache: createMemoryCache(() => performance.now()),
  }).runUntilCaughtUp();
  await pool.end();
}

async function pathsOf({ api }: Database): Promise<Paths> {
  const symbols = await api.query<{ symbol: string }>("SELECT DISTINCT symbol FROM features_slot");
  const { rows } = await api.query<{ id: string }>(
    "SELECT event_id AS id FROM recommendations ORDER BY event_id LIMIT 1",
  );
  const [recommended] = rows;
  if (recommended === undefined) throw new Error("the simulated market gave no recommendation");
  return {
    symbol: `/symbols/${SYMBOL}`,
    symbols: symbols.rows.map(({ symbol }) => `/symbols/${symbol}`),
    recommendation: `/recommendations/${recommended.id}`,
  };
}

/** Commits a transaction that writes, again and again, while `measure` measures. */
async function whileChanging(
  { projector }: Database,
  measure: () => Promise<LoadResult>,
): Promise<LoadResult> {
  let isMeasuring = true;
  const changes = (async () => {
    while (isMeasuring) {
      await projector.query("UPDATE projection_positions SET applied = applied + 1");
      await setTimeout(CHANGE_EVERY_MS);
    }
  })();
  try {
    return await measure();
  } finally {
    isMeasuring = false;
    await changes;
  }
}

const NEWEST = `SELECT event_id, event FROM features_slot WHERE symbol = $1
  ORDER BY happened_at DESC, event_id DESC LIMIT 2`;
const KNOWN = "SELECT event_id, event FROM recommendations WHERE event_id = $1";

/** The statements that the API's answers rest on, and their bytes as they are. */
function bareApp({ api }: Database): FastifyInstance {
  const app = fastify();
  app.get<{ Params: { symbol: string } }>("/symbols/:symbol", async ({ params }) => {
    const { rows } = await api.query({ name: "symbol", text: NEWEST, values: [params.symbol] });
    return rows[0];
  });
  app.get<{ Params: { id: string } }>("/recommendations/:id", async ({ params }) => {
    const { rows } = await api.query({ name: "known", text: KNOWN, values: [params.id] });
    return rows[0];
  });
  return app;
}

/** An app that listens, and how long it is loaded each time. */
class Served {
  readonly #app: FastifyInstance;
  readonly #port: number;
  readonly #ms: number;

  private constructor(app: FastifyInstance, port: number, ms: number) {
    this.#app = app;
    this.#port = port;
    this.#ms = ms;
  }

  static async open(app: FastifyInstance, ms: number): Promise<Served> {
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    return new Served(app, Number(new URL(address).port), ms);
  }

  async load(paths: readonly string[]): Promise<LoadResult> {
    const job = { port: this.#port, paths, connections: CONNECTIONS };
    await load({ ...job, ms: WARM_UP_MS });
    return load({ ...job, ms: this.#ms });
  }

  close(): Promise<void> {
    return this.#app.close();
  }
}

function rateOf({ requests, elapsedMs }: LoadResult): number {
  return perSecond(requests, elapsedMs);
}
