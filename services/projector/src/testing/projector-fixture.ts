import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Cache } from "@amc/platform/cache/port";
import type { Log } from "@amc/platform/log/port";
import type { ProjectionObserver } from "@amc/platform/metrics/projection-metrics";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import type { TestDatabase, TestRole } from "@amc/platform/postgres/testing";
import type { CacheSettings } from "@amc/streams/projections/cache-settings";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { TableName } from "@amc/streams/projections/tables";
import type { Pool } from "pg";
import type { ProjectorClock } from "../clock.ts";
import type { Probe } from "../commit-batch.ts";
import { createProjector, type Projector } from "../projector.ts";
import { tableDigests } from "../table-digest.ts";
import { hurriedClock } from "./hurried-clock.ts";
import { quietLogger } from "./quiet-logger.ts";

export interface FixtureOptions {
  readonly cache?: Cache;
  readonly cacheSettings?: CacheSettings;
  readonly probe?: Probe;
  readonly clock?: ProjectorClock;
  readonly observer?: ProjectionObserver;
  /** All of them when left out. */
  readonly projections?: readonly ProjectionName[];
}

export function projectorOn(
  database: TestDatabase,
  log: Log,
  {
    cache = createMemoryCache(() => 0),
    cacheSettings,
    clock = hurriedClock,
    observer,
    probe,
    projections,
  }: FixtureOptions = {},
): Projector {
  return createProjector({
    log,
    pool: database.pool("projector"),
    cache,
    logger: quietLogger,
    clock,
    ...(cacheSettings === undefined ? {} : { cacheSettings }),
    ...(observer === undefined ? {} : { observer }),
    ...(probe === undefined ? {} : { probe }),
    ...(projections === undefined ? {} : { projections }),
  });
}

/** Projects the whole log with a new projector and returns it. */
export async function projectAll(
  database: TestDatabase,
  log: Log,
  options: FixtureOptions = {},
): Promise<Projector> {
  const projector = projectorOn(database, log, options);
  await projector.runUntilCaughtUp();
  return projector;
}

const pools = new WeakMap<TestDatabase, Map<TestRole, Pool>>();

/** One pool per database and role: a server has a hundred connections. */
export function poolOf(database: TestDatabase, role: TestRole): Pool {
  const byRole = pools.get(database) ?? new Map<TestRole, Pool>();
  pools.set(database, byRole);
  const pool = byRole.get(role) ?? database.pool(role);
  byRole.set(role, pool);
  return pool;
}

/** sha256 by table, of the tables in use or of another schema. */
export async function digestsOf(
  database: TestDatabase,
  schema: string = READ_MODEL_SCHEMA,
): Promise<Readonly<Record<string, string>>> {
  const client = await poolOf(database, "migrator").connect();
  try {
    const digests = await tableDigests(client, schema);
    return Object.fromEntries(digests.map(({ table, sha256 }) => [table, sha256]));
  } finally {
    client.release();
  }
}

export async function countOf(database: TestDatabase, table: TableName): Promise<number> {
  const { rows } = await poolOf(database, "api").query<{ rows: number }>(
    `SELECT count(*)::integer AS rows FROM ${table}`,
  );
  return rows[0]?.rows ?? 0;
}
