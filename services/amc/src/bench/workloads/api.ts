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

const MARKET = { symbols: 100, minutes: 60, warmupSessions: 30, sessions: 1, seed: 20250721 };
const SYMBOL = "SIM0004";
const CONNECTIONS = 50;
const MS: Readonly<Record<Scale, number>> = { small: 1_000, full: 8_000 };
const WARM_UP_MS = 1_000;
/** Beyond any load: the limit is not what is measured. */
const REQUESTS_PER_MINUTE = 100_000_000;

export const API: Workload = {
  name: "api",
  summary: "a symbol's newest features from the API; the same select in a bare fastify route",
  simulated: true,
  metrics: {
    requestsPerSecond: { unit: "requests/s" },
    p99: { unit: "ms" },
    bareRequestsPerSecond: { unit: "requests/s" },
    bareP99: { unit: "ms" },
    shareOfBare: { unit: "%", atLeast: 60 },
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
    const ours = await profiled(() => loaded(app, `/symbols/${SYMBOL}?limit=1`, MS[scale]));
    const bare = await loaded(bareApp(database), `/symbols/${SYMBOL}`, MS[scale]);
    const [rate, bareRate] = [rateOf(ours), rateOf(bare)];
    return {
      values: {
        requestsPerSecond: rate,
        p99: ours.p99Ms,
        bareRequestsPerSecond: bareRate,
        bareP99: bare.p99Ms,
        shareOfBare: (100 * rate) / bareRate,
      },
      facts: { connections: CONNECTIONS, p50Ms: ours.p50Ms, bareP50Ms: bare.p50Ms },
    };
  });
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

const NEWEST = `SELECT event_id, event FROM features_slot WHERE symbol = $1
  ORDER BY happened_at DESC, event_id DESC LIMIT 2`;

/** The statement that the API's answer rests on, and its bytes as they are. */
function bareApp({ api }: Database): FastifyInstance {
  const app = fastify();
  app.get<{ Params: { symbol: string } }>("/symbols/:symbol", async ({ params }) => {
    const { rows } = await api.query({ name: "bare", text: NEWEST, values: [params.symbol] });
    return rows[0];
  });
  return app;
}

async function loaded(app: FastifyInstance, path: string, ms: number): Promise<LoadResult> {
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const job = { port: Number(new URL(address).port), path, connections: CONNECTIONS };
  await load({ ...job, ms: WARM_UP_MS });
  const result = await load({ ...job, ms });
  await app.close();
  return result;
}

function rateOf({ requests, elapsedMs }: LoadResult): number {
  return perSecond(requests, elapsedMs);
}
