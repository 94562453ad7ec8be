import { join } from "node:path";
import type { LoginRole } from "@amc/platform/postgres/credentials";
import { type EmbeddedServer, startEmbeddedServer } from "@amc/platform/postgres/embedded-server";
import { errorCode, PostgresError } from "@amc/platform/postgres/errors";
import { migrateUp } from "@amc/platform/postgres/migrate";
import { createPool } from "@amc/platform/postgres/pool";
import { provisionDatabase } from "@amc/platform/postgres/provision";
import { ROLE_NAMES } from "@amc/platform/postgres/rights";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import type { ClientConfig, Pool } from "pg";

const DATABASE = "amc";
const INSUFFICIENT_PRIVILEGE = "42501";
/** Projections work side by side, each on a connection while it writes. */
export const PROJECTOR_CONNECTIONS = PROJECTION_NAMES.length;
/** R-DB-20: 20 and an overflow of 30, opened as they are needed and closed when they idle. */
export const API_CONNECTIONS = 50;

/**
 * How long each waits for a connection, a statement and, beyond what the server itself cancels, an
 * answer. A server that hangs fails the projector's tries before its watchdog takes them for stuck,
 * and the API's before its callers give up. 30 s for a connection is R-DB-20's: a server that is away
 * refuses at once, so only one that is overrun is ever waited for that long.
 *
 * Every connection of these pools has its timeout from the start, whatever its login brings: reads that
 * are one statement by themselves (services/query-api/src/read-model/postgres-read-model.ts) have no
 * other.
 */
const PROJECTOR_WAITS = {
  connectionTimeoutMs: 30_000,
  statementTimeoutMs: 20_000,
  answerTimeoutMs: 25_000,
};
const API_WAITS = {
  connectionTimeoutMs: 30_000,
  statementTimeoutMs: 2_000,
  answerTimeoutMs: 3_000,
};

/** The read models' database: ours, started here, or one that was given. */
export interface Database {
  readonly projector: Pool;
  readonly api: Pool;
  /** Connections for work that needs one of its own, such as a rebuild. */
  readonly connections: { readonly migrator: ClientConfig; readonly projector: ClientConfig };
  /** What runs where, for people. */
  readonly description: string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly dataDirectory: string;
  /** A server to use instead of one of ours. */
  readonly url: string | undefined;
  /** The same server for the owner of the schemas; `url` by default. */
  readonly migratorUrl: string | undefined;
  readonly binaries: "embedded" | "system" | undefined;
  readonly onFailure: (error: Error) => void;
  /** Gives the opening up, between two steps of it and while it waits for a server or migrates. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts or reaches the server, brings the schema up to date and opens a pool per role. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, migratorUrl, signal } = options;
  return url === undefined ? openOwn(options) : openGivenDatabase(url, migratorUrl, signal);
}

async function openOwn(options: DatabaseOptions): Promise<Database> {
  const server = await startEmbeddedServer({
    home: join(options.dataDirectory, "postgres"),
    onFailure: options.onFailure,
    signal: options.signal,
    ...(options.binaries === undefined ? {} : { binaries: options.binaries }),
  });
  try {
    await provisionDatabase(server.superuser, DATABASE, server.credentials);
    await migrateUp(asRole(server, "migrator"), { signal: options.signal });
  } catch (error) {
    await server.stop();
    throw error;
  }
  const projector = projectorPool(asRole(server, "projector"));
  const api = apiPool(asRole(server, "api"));
  return {
    projector,
    api,
    connections: { migrator: asRole(server, "migrator"), projector: asRole(server, "projector") },
    description: `PostgreSQL ${server.majorVersion} in ${server.placement.home}`,
    close: async () => {
      await Promise.all([projector.end(), api.end()]);
      await server.stop();
    },
  };
}

/**
 * Brings the schema of a given server up to date, as its owner if one is named, and opens the pools. Who
 * only writes rows may then be a role that can change no table.
 */
export async function openGivenDatabase(
  connectionString: string,
  migratorUrl: string = connectionString,
  signal?: AbortSignal,
): Promise<Database> {
  const config: ClientConfig = { connectionString };
  const migrator: ClientConfig = { connectionString: migratorUrl };
  await migrateAs(migrator, signal);
  const projector = projectorPool(config);
  const api = apiPool(config);
  return {
    projector,
    api,
    connections: { migrator, projector: config },
    description: "PostgreSQL at DATABASE_URL",
    close: async () => {
      await Promise.all([projector.end(), api.end()]);
    },
  };
}

/** Throws `postgres.migration-failed` with what to do where the role may not migrate. */
async function migrateAs(migrator: ClientConfig, signal?: AbortSignal): Promise<void> {
  try {
    await migrateUp(migrator, { signal });
  } catch (error) {
    if (errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    const message =
      "the role of DATABASE_URL may not change the schema: DATABASE_MIGRATOR_URL names the one that owns it";
    throw new PostgresError("postgres.migration-failed", message, {}, { cause: error });
  }
}

function asRole(server: EmbeddedServer, role: LoginRole): ClientConfig {
  return {
    ...server.superuser,
    database: DATABASE,
    user: ROLE_NAMES[role],
    password: server.credentials[role],
  };
}

/** The projector's connections, none of which waits for ever. */
export function projectorPool(connection: ClientConfig): Pool {
  const applicationName = "amc-projector";
  return createPool({
    connection,
    applicationName,
    max: PROJECTOR_CONNECTIONS,
    ...PROJECTOR_WAITS,
  });
}

function apiPool(connection: ClientConfig): Pool {
  return createPool({ connection, applicationName: "amc-api", max: API_CONNECTIONS, ...API_WAITS });
}

/** For who only reads, and leaves the schema to whoever writes it. */
export function openApiPool(connectionString: string): Pool {
  return apiPool({ connectionString });
}

/** The server of a data directory, whatever the environment names; its end by itself is thrown. */
export function openOwnDatabase(dataDirectory: string): Promise<Database> {
  return openDatabase({
    dataDirectory,
    ...{ url: undefined, migratorUrl: undefined },
    binaries: undefined,
    onFailure: (error) => {
      throw error;
    },
  });
}
