import pg, { type ClientConfig, type Pool, type PoolClient } from "pg";
import { isConnectionLoss } from "./classify.ts";
import { columnTypes } from "./column-types.ts";
import { PostgresError } from "./errors.ts";

export interface PoolOptions {
  readonly connection: ClientConfig;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections at a time; further requests wait. */
  readonly max: number;
  /** Longest wait for a connection, new or free, ms. */
  readonly connectionTimeoutMs?: number;
  /** Longest run of one statement before the server cancels it, ms; the role's own by default. */
  readonly statementTimeoutMs?: number;
  /** Told of connections that broke while idle or in use; the next request gets another one. */
  readonly onConnectionLost?: (error: Error) => void;
}

// R-DB-20.
const CONNECTION_TIMEOUT_MS = 30_000;
const MAX_LIFETIME_SECONDS = 3_600;

const IDLE_IN_TRANSACTION_MS = 60_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * A pool that survives a restart of the server: a broken connection is an event here, not the end
 * of the process, whether it was idle or checked out.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    ...options.connection,
    application_name: options.applicationName,
    max: options.max,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMs }),
    types: columnTypes,
  });
  const onLost = options.onConnectionLost ?? (() => undefined);
  pool.on("error", onLost);
  // The pool listens to idle clients only; one that breaks while checked out would end the process.
  pool.on("connect", (client) => client.on("error", onLost));
  return pool;
}

/**
 * Runs work in one transaction and returns what it returned, or rolls back and throws what it threw.
 *
 * @throws PostgresError `postgres.commit-unknown` when the connection broke while COMMIT was on its
 *   way: the work may or may not have been done, and only the database can tell
 */
export async function withTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await commit(client);
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query("COMMIT");
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    throw new PostgresError(
      "postgres.commit-unknown",
      "the connection broke during COMMIT; whether it took place has to be read back",
      {},
      { cause: error },
    );
  }
}

/** The error that makes a client unfit for further use; undefined after a clean rollback. */
async function rollBack(client: PoolClient, reason: unknown): Promise<Error | undefined> {
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    return new Error("ROLLBACK failed", { cause: reason });
  }
}
