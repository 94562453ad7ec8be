import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@amc/platform/logger";
import {
  createReadModelSchema,
  dropSpareSchema,
  NEXT_SCHEMA,
  PREVIOUS_SCHEMA,
  swapReadModel,
} from "@amc/platform/postgres/read-model-schema";
import { rebuildReadModel } from "@amc/projector/rebuild";
import pg from "pg";
import { Closers } from "../../closers.ts";
import { type Database, openOwnDatabase } from "../../database.ts";
import { ChildLife } from "./child-life.ts";
import { examinePositions } from "./examine-positions.ts";
import type { Build } from "./fault.ts";
import { type MarketOnKafka, type MarketOptions, marketOnKafka } from "./market-on-kafka.ts";
import type { ProcessorTask } from "./processor-task.ts";
import type { ProjectorTask } from "./projector-task.ts";
import { clusterOfFaults, keepUntilEnd } from "./servers.ts";

/** Where the tables of a market are. */
export type TablesPlace = Pick<Database, "connections">;

/** A market that has been processed, and a PostgreSQL server for its tables; both go afterwards. */
export async function withMarketTables<Result>(
  options: MarketOptions,
  work: (market: MarketOnKafka, database: Database) => Promise<Result>,
): Promise<Result> {
  return withMarketAndServer(options, openOwnDatabase, work);
}

/** The same, with a server that can do more: `open` starts it, in a directory that goes with it. */
export async function withMarketAndServer<
  Server extends TablesPlace & { close(): Promise<void> },
  Result,
>(
  options: MarketOptions,
  open: (directory: string) => Promise<Server>,
  work: (market: MarketOnKafka, server: Server) => Promise<Result>,
): Promise<Result> {
  const closers = new Closers();
  try {
    const market = await processedMarket(options);
    return await work(market, await openServer(open, closers));
  } finally {
    await closers.close();
  }
}

const processed = new Map<string, Promise<MarketOnKafka>>();

/** Nobody writes to a market that is only projected: the same one serves all faults of a run. */
function processedMarket(options: MarketOptions): Promise<MarketOnKafka> {
  const shape = JSON.stringify(options);
  const known = processed.get(shape);
  if (known !== undefined) return known;
  const made = processMarket(options);
  processed.set(shape, made);
  made.catch(() => processed.delete(shape));
  return made;
}

async function processMarket(options: MarketOptions): Promise<MarketOnKafka> {
  const market = await marketOnKafka(await clusterOfFaults(), options);
  keepUntilEnd(() => market.remove());
  await processorLife(market).finished();
  return market;
}

/** Starts a server in a directory of its own; `closers` end both. */
export async function openServer<Server extends { close(): Promise<void> }>(
  open: (directory: string) => Promise<Server>,
  closers: Closers,
): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), "amc-faults-"));
  closers.add(() => rm(directory, { recursive: true, force: true }));
  const server = await open(directory);
  closers.add(() => server.close());
  return server;
}

/** A processor of the market in a process of its own. */
export function processorLife(
  { place }: MarketOnKafka,
  more: Omit<ProcessorTask, "place" | "build"> = {},
): ChildLife {
  const task: ProcessorTask = { place, build: "sound", ...more };
  return new ChildLife("struck-processor.ts", task);
}

/** A projector of the market in a process of its own. */
export function projectorLife(
  { place }: MarketOnKafka,
  { connections }: TablesPlace,
  build: Build,
  more: Omit<ProjectorTask, "place" | "database" | "build"> = {},
): ChildLife {
  const database = connections.projector;
  const task: ProjectorTask = { ...{ place, database, build }, ...more };
  return new ChildLife("struck-projector.ts", task);
}

/** Compares the tables with a rebuild from the log alone, and their positions with its end. */
export async function examineTables(market: MarketOnKafka, { connections }: TablesPlace) {
  const log = await market.open();
  try {
    const report = await rebuildReadModel({
      ...{ log, ...connections, swap: false },
      logger: createLogger("fatal"),
    });
    const violations = report.differences.map(
      ({ table, onlyLeft, onlyRight, different }) =>
        `${table}: ${onlyLeft + onlyRight + different} rows differ from a rebuild`,
    );
    if (report.records === 0) throw new Error("nothing was projected");
    violations.push(...(await examinePositions(log, connections.migrator)));
    return { records: report.records, violations };
  } finally {
    await log.close();
  }
}

/** Puts empty tables, with no positions, in the place of those in use. */
export async function emptyTables({ connections }: TablesPlace): Promise<void> {
  const client = new pg.Client(connections.migrator);
  await client.connect();
  try {
    await dropSpareSchema(client, NEXT_SCHEMA);
    await createReadModelSchema(client, NEXT_SCHEMA);
    await swapReadModel(client);
    await dropSpareSchema(client, PREVIOUS_SCHEMA);
  } finally {
    await client.end();
  }
}

/** Has a projector that stays begin again, with empty tables. */
export async function projectAnew(database: TablesPlace): Promise<void> {
  await emptyTables(database);
  const client = new pg.Client(database.connections.projector);
  await client.connect();
  try {
    // One that has nothing to do looks at its tables when a connection breaks, and not before.
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE usename = current_user AND pid <> pg_backend_pid()`,
    );
  } finally {
    await client.end();
  }
}
