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
import { type Database, openOwnDatabase } from "../../database.ts";
import { ChildLife } from "./child-life.ts";
import type { Build } from "./fault.ts";
import { type MarketOnKafka, type MarketOptions, marketOnKafka } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

/** A market that has been processed, and a PostgreSQL server for its tables; both go afterwards. */
export async function withMarketTables<Result>(
  options: MarketOptions,
  work: (market: MarketOnKafka, database: Database) => Promise<Result>,
): Promise<Result> {
  const market = await marketOnKafka(await clusterOfFaults(), options);
  const directory = await mkdtemp(join(tmpdir(), "amc-faults-"));
  let database: Database | null = null;
  try {
    await new ChildLife("struck-processor.ts", { place: market.place, build: "sound" }).ended();
    database = await openOwnDatabase(directory);
    return await work(market, database);
  } finally {
    await database?.close();
    await rm(directory, { recursive: true, force: true });
    await market.remove();
  }
}

/** A projector of the market in a process of its own. */
export function projectorLife(
  { place }: MarketOnKafka,
  { connections }: Database,
  build: Build,
): ChildLife {
  return new ChildLife("struck-projector.ts", { place, database: connections.projector, build });
}

/** Compares the tables with a rebuild from the log alone. */
export async function examineTables(market: MarketOnKafka, { connections }: Database) {
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
    if (report.records === 0) violations.push("nothing was projected");
    return { records: report.records, violations };
  } finally {
    await log.close();
  }
}

/** Puts empty tables, with no positions, in the place of those in use. */
export async function emptyTables({ connections }: Database): Promise<void> {
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
