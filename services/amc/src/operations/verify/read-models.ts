import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import {
  createReadModelSchema,
  dropSpareSchema,
  NEXT_SCHEMA,
} from "@amc/platform/postgres/read-model-schema";
import { createProjector } from "@amc/projector/projector";
import { tableDigestsAcrossLogs } from "@amc/projector/table-digest";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import pg from "pg";
import { type Database, openOwnDatabase } from "../../database.ts";

/** Projects logs into tables of a PostgreSQL server of its own, which goes with it. */
export interface ReadModels {
  /**
   * sha256 by table of what one projector per log makes of them: each opens connections and takes
   * leases of its own, and they divide the projections among themselves.
   */
  digestsOf(logs: readonly Log[]): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export async function openReadModels(): Promise<ReadModels> {
  const directory = await mkdtemp(join(tmpdir(), "amc-verify-tables-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const database = await openOwnDatabase(directory);
    return {
      digestsOf: (logs) => project(database, logs),
      close: async () => {
        await database.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function project(
  { connections }: Database,
  logs: readonly Log[],
): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client(connections.migrator);
  await client.connect();
  try {
    await createReadModelSchema(client, NEXT_SCHEMA);
    await Promise.all(
      logs.map((log, instance) => projectShare(connections.projector, log, instance, logs.length)),
    );
    const digests = await tableDigestsAcrossLogs(client, NEXT_SCHEMA);
    return Object.fromEntries(digests.map(({ table, sha256 }) => [table, sha256]));
  } finally {
    await dropSpareSchema(client, NEXT_SCHEMA);
    await client.end();
  }
}

async function projectShare(
  connection: pg.ClientConfig,
  log: Log,
  instance: number,
  instances: number,
): Promise<void> {
  const projections = PROJECTION_NAMES.filter((_, index) => index % instances === instance);
  const pool = createPool({
    connection: { ...connection, options: `-c search_path=${NEXT_SCHEMA}` },
    applicationName: `amc-verify-${instance}`,
    max: projections.length,
  });
  try {
    const projector = createProjector({
      ...{ log, pool, projections },
      cache: createMemoryCache(() => 0),
      logger: createLogger("fatal"),
    });
    await projector.runUntilCaughtUp();
  } finally {
    await pool.end();
  }
}
