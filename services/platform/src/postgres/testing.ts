import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg, { type ClientConfig, type Pool } from "pg";
import type { BinarySource } from "./binaries.ts";
import { connectionUrl } from "./connection-url.ts";
import type { LoginRole } from "./credentials.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";
import { migrateUp } from "./migrate.ts";
import { MONITORING_SCHEMA, READ_MODEL_SCHEMA } from "./migration-files.ts";
import { createPool } from "./pool.ts";
import { provisionDatabase } from "./provision.ts";
import { ROLE_NAMES } from "./rights.ts";

export type TestRole = LoginRole | "superuser";

/** A database of its own for one test, with all migrations applied. */
export interface TestDatabase {
  readonly name: string;
  connection(role: TestRole): ClientConfig;
  /** The same as one string, for a child process. */
  url(role: TestRole): string;
  /** A pool that `drop` ends. */
  pool(role: TestRole): Pool;
  /** The database as it is now, as a backup of this moment would bring it back. */
  copy(): Promise<TestDatabase>;
  /** Ends the pools given out and drops the database, whoever else is connected. */
  drop(): Promise<void>;
}

const TEMPLATE = "amc_template";

let shared: Promise<EmbeddedServer> | undefined;
let databases = 0;

/**
 * A fresh database on a real server that all tests of this process share. The server needs no
 * stopping: it ends, and its files go, when the test process ends.
 *
 * `AMC_POSTGRES=system` runs the same tests on the machine's own PostgreSQL.
 */
export async function startTestPostgres(): Promise<TestDatabase> {
  shared ??= startSharedServer();
  const server = await shared;
  databases += 1;
  const name = `test_${databases}`;
  await asSuperuser(server, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER ${ROLE_NAMES.migrator}`);
    // What was granted on the template as a database is not copied with it.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    const roles = Object.values(ROLE_NAMES).join(", ");
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${roles}`);
    await client.query(`ALTER DATABASE ${name} SET search_path TO read_model, public`);
  });
  return describeDatabase(server, name);
}

/** A database on a server of its own, which a test may take away and bring back. */
export interface InterruptibleDatabase extends TestDatabase {
  /** Stops the server; connections end as in any shutdown. */
  stopServer(): Promise<void>;
  /** Starts it again with the data it had, at the same place. */
  startServer(): Promise<void>;
  /** Ends the server as a crash would, commits that did not wait for the disk lost; it restarts. */
  crashServer(): void;
}

/** As `startTestPostgres`, on a server that nobody else uses; `drop` stops it and removes its files. */
export async function startInterruptiblePostgres(): Promise<InterruptibleDatabase> {
  const home = join(tmpdir(), `amc-test-${randomUUID().slice(0, 8)}`);
  let server = await startServer({ home });
  const { placement } = server;
  const database = describeDatabase(server, TEMPLATE);
  return {
    ...database,
    stopServer: () => server.stop(),
    startServer: async () => {
      server = await startEmbeddedServer({ home, ...demandedBinaries() });
    },
    crashServer: () => {
      const { postmaster } = server.processIds();
      // SIGQUIT: every process of the server ends at once, nothing is written any more.
      if (postmaster !== null) process.kill(postmaster, "SIGQUIT");
    },
    drop: async () => {
      await database.endPools();
      await server.stop();
      for (const path of [home, placement.home]) rmSync(path, { recursive: true, force: true });
    },
  };
}

function startSharedServer(): Promise<EmbeddedServer> {
  const home = join(tmpdir(), `amc-test-${randomUUID().slice(0, 8)}`);
  return startServer({ home, ephemeral: true });
}

/** A server with a database of all migrations, from which others may be made. */
async function startServer(options: {
  readonly home: string;
  readonly ephemeral?: boolean;
}): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ ...options, ...demandedBinaries() });
  await provisionDatabase(server.superuser, TEMPLATE, server.credentials);
  await migrateUp(connectionFor(server, TEMPLATE, "migrator"));
  return server;
}

function demandedBinaries(): { readonly binaries?: BinarySource } {
  const demanded = process.env.AMC_POSTGRES;
  return demanded === "embedded" || demanded === "system" ? { binaries: demanded } : {};
}

function describeDatabase(
  server: EmbeddedServer,
  name: string,
): TestDatabase & { endPools(): Promise<void> } {
  const pools: Pool[] = [];
  const endPools = async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  };
  const connection = (role: TestRole) => connectionFor(server, name, role);
  return {
    name,
    connection,
    url: (role) => connectionUrl(connection(role)),
    pool: (role) => {
      const pool = createPool({
        connection: connection(role),
        applicationName: `test-${role}`,
        schema: role === "monitoring" ? MONITORING_SCHEMA : READ_MODEL_SCHEMA,
        max: 8,
      });
      pools.push(pool);
      return pool;
    },
    endPools,
    copy: async () => {
      databases += 1;
      const copied = `test_${databases}`;
      // The server copies only what nobody is connected to.
      await endPools();
      await asSuperuser(server, async (client) => {
        await client.query(
          `CREATE DATABASE ${copied} TEMPLATE ${name} OWNER ${ROLE_NAMES.migrator}`,
        );
        await client.query(`ALTER DATABASE ${copied} SET search_path TO read_model, public`);
      });
      return describeDatabase(server, copied);
    },
    drop: async () => {
      await endPools();
      await asSuperuser(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
    },
  };
}

function connectionFor(server: EmbeddedServer, database: string, role: TestRole): ClientConfig {
  if (role === "superuser") return { ...server.superuser, database };
  return {
    ...server.superuser,
    user: ROLE_NAMES[role],
    password: server.credentials[role],
    database,
  };
}

async function asSuperuser(
  server: EmbeddedServer,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client(server.superuser);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
