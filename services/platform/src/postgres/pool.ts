import pg, { type ClientConfig, type Pool } from "pg";
import { columnTypes } from "./column-types.ts";
import { READ_MODEL_SCHEMA } from "./migration-files.ts";

export interface PoolOptions {
  readonly connection: ClientConfig;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Where unqualified names are looked for; the read model by default. */
  readonly schema?: string;
  /** Most connections at a time; further requests wait. */
  readonly max: number;
  /** Longest wait for a connection, new or free, ms. */
  readonly connectionTimeoutMs?: number;
  /** Longest run of one statement before the server cancels it, ms; the role's own by default. */
  readonly statementTimeoutMs?: number;
  /**
   * Longest wait for the answer to a statement, ms; for ever by default. Longer than the timeout of
   * the statement, so that only a server or network that hangs ever meets it.
   */
  readonly answerTimeoutMs?: number;
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
    // A login of a server that is not ours may have any search path. `options` of the connection
    // itself goes before this: a rebuild looks elsewhere.
    options: `-c search_path=${options.schema ?? READ_MODEL_SCHEMA}`,
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
    ...(options.answerTimeoutMs === undefined ? {} : { query_timeout: options.answerTimeoutMs }),
    types: columnTypes,
  });
  const onLost = options.onConnectionLost ?? (() => undefined);
  pool.on("error", onLost);
  // The pool listens to idle clients only; one that breaks while checked out would end the process.
  pool.on("connect", (client) => client.on("error", onLost));
  return pool;
}
